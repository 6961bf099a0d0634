import { ticketWatchers } from '@servicedesk/db'
import { startTcpProxy } from '@servicedesk/dev'
import { connectClient, createTestDesk, startNode, type TestClient, until } from '@servicedesk/testing'
import t from 'tap'
// For the type of `app.io`.
import type {} from '../../src/plugins/realtime.ts'

const desk = await createTestDesk(t)
const node = await startNode(t, desk)
const requester = await desk.person('Normal User')
const agent = await desk.person('Technical User')
const tokenOf = ({ id, sessionId }: typeof agent) => node.app.signAccessToken({ userId: id, sessionId })
const newTicket = async () =>
  (
    await node.core.tickets.create(requester, {
      title: 'Screen is black',
      description: 'It was fine yesterday.',
    })
  ).id
const say = (ticketId: number, body: string) => node.core.messages.post(agent, { ticketId, body })
const wordsOf = (client: TestClient) =>
  client.received.filter(({ event }) => event === 'new_message').map(({ payload }) => payload.message)

/** Resolves when the node has seen that a connection is lost: before that there is nothing to take up. */
const seen = (id: string) => until('the node to see it', async () => !node.app.io.of('/').sockets.has(id))

/** Loses the connection without a word, as a phone in a lift. */
async function cut(client: TestClient, meanwhile: () => Promise<unknown>): Promise<void> {
  const { id: socketId = '' } = client.socket
  client.socket.io.engine.close()
  await client.next('disconnect')
  await seen(socketId)
  await meanwhile()
  client.socket.connect()
  await client.next('connected')
}

t.test('a connection that was lost for a moment goes on where it was', async (t) => {
  const id = await newTicket()
  const client = await connectClient(t, node.url, tokenOf(requester))
  await client.ask('join_ticket', { ticket_id: id })
  await say(id, 'one')
  await client.next('new_message')
  await client.next('new_alert')
  await cut(client, () => say(id, 'two'))
  t.equal(client.socket.recovered, true)
  t.match(await client.next('new_message'), { message: 'two', seq: 3 })
  t.match(await client.next('new_alert'), { alert_type: 'new_message' })
  await say(id, 'three')
  t.match(await client.next('new_message'), { message: 'three', seq: 4 })
  t.same(wordsOf(client), ['one', 'two', 'three'])
})

t.test(
  'staff and requesters get what they missed in their own numbers, and nothing twice when they join without one as well',
  async (t) => {
    const id = await newTicket()
    const clients = [
      await connectClient(t, node.url, tokenOf(requester)),
      await connectClient(t, node.url, tokenOf(agent)),
    ]
    for (const client of clients) await client.ask('join_ticket', { ticket_id: id })
    await say(id, 'one')
    for (const client of clients) {
      await client.next('new_message')
      await cut(client, async () => {
        await node.core.messages.post(agent, { ticketId: id, body: 'a note', isInternal: true })
        await say(id, 'two')
      })
      t.equal(client.socket.recovered, true)
      await client.ask('join_ticket', { ticket_id: id })
      await client.next('new_message', ({ message }) => message === 'two')
    }
    await say(id, 'the end')
    for (const client of clients) await client.next('new_message', ({ message }) => message === 'the end')
    const numbers = clients.map((client) =>
      client.received.filter(({ event }) => event === 'new_message').map(({ payload }) => payload.seq),
    )
    t.same(numbers, [
      [2, 3, 4, 5],
      [2, 3, 4, 5, 6, 7],
    ])
    t.notOk(wordsOf(clients[0] as TestClient).includes('a note'))
  },
)

t.test('who has lost the ticket meanwhile is not taken back into it', async (t) => {
  const id = await newTicket()
  const watcher = await desk.person('Normal User')
  await desk.db.insert(ticketWatchers).values({ ticketId: id, userId: watcher.id, createdAt: new Date() })
  const client = await connectClient(t, node.url, tokenOf(watcher))
  await client.ask('join_ticket', { ticket_id: id })
  await say(id, 'one')
  await client.next('new_message')
  await cut(client, async () => {
    await node.core.watchers.remove(agent, id, watcher.id)
    await say(id, 'two')
  })
  t.match(await client.next('left_ticket'), { reason: 'access_lost' })
  t.same(wordsOf(client), ['one'])
})

t.test('a session that has ended is not taken up, nor one of somebody else', async (t) => {
  const id = await newTicket()
  const [first, second] = [await desk.person('Technical User'), await desk.person('Technical User')]
  const client = await connectClient(t, node.url, tokenOf(first))
  await client.ask('join_ticket', { ticket_id: id })
  await say(id, 'one')
  await client.next('new_message')
  const { id: socketId = '' } = client.socket
  client.socket.io.engine.close()
  await client.next('disconnect')
  await seen(socketId)
  client.socket.auth = { token: tokenOf(second) }
  client.socket.connect()
  t.match(await client.next('connect_error'), { data: { code: 'not_recoverable' } })
  // What was kept is spent: the next try begins anew.
  client.socket.connect()
  t.match(await client.next('connected'), { user_id: second.id })
  t.equal(client.socket.recovered, false)
  await node.core.sessions.logoutAll(second)
  await client.next('disconnect')
  client.socket.connect()
  t.match(await client.next('connect_error'), { message: 'Authentication required' })
})

t.test('an offset that cannot be is a fresh start', async (t) => {
  const client = await connectClient(t, node.url, tokenOf(agent))
  for (const offset of ['', '0', '999999', '-1', '1e9', '171-0', 'x'.repeat(50_000)]) {
    const other = await connectClient(t, node.url, tokenOf(agent), {
      auth: { token: tokenOf(agent), pid: 'made-up', offset },
    })
    t.equal(other.socket.recovered, false, offset.slice(0, 20))
  }
  t.equal((await client.ask('request_presence')).ok, true)
})

t.test('what was sent and lost on its way is sent again, once', async (t) => {
  const id = await newTicket()
  const proxy = await startTcpProxy(Number(new URL(node.url).port))
  t.teardown(() => proxy.close())
  const phone = await connectClient(t, `http://127.0.0.1:${proxy.port}`, tokenOf(requester))
  const desktop = await connectClient(t, node.url, tokenOf(requester))
  for (const client of [phone, desktop]) await client.ask('join_ticket', { ticket_id: id })
  await say(id, 'one')
  await phone.next('new_message')
  await phone.next('new_alert')
  proxy.slow(2_000)
  await say(id, 'two')
  await node.core.messages.post(agent, { ticketId: id, body: 'a note', isInternal: true })
  await say(id, 'three')
  await desktop.next('new_message', ({ message }) => message === 'three')
  await desktop.next('new_alert')
  const { id: socketId = '' } = phone.socket
  proxy.cut()
  await phone.next('disconnect')
  await seen(socketId)
  await say(id, 'four')
  proxy.mend()
  phone.socket.connect()
  await phone.next('connected')
  t.equal(phone.socket.recovered, true)
  await phone.next('new_message', ({ message }) => message === 'four')
  await say(id, 'five')
  await phone.next('new_message', ({ message }) => message === 'five')
  t.same(wordsOf(phone), ['one', 'two', 'three', 'four', 'five'])
  for (let n = 0; n < 4; n += 1) await phone.next('new_alert')
  const alerts = phone.received.filter(({ event }) => event === 'new_alert').map(({ payload }) => payload.id)
  t.same(alerts, [...new Set(alerts)], 'no alert twice')
  t.equal(alerts.length, 5)
})

t.test('a connection that got nothing before it was lost too has not got what was on its way', async (t) => {
  const id = await newTicket()
  const proxy = await startTcpProxy(Number(new URL(node.url).port))
  t.teardown(() => proxy.close())
  const phone = await connectClient(t, `http://127.0.0.1:${proxy.port}`, tokenOf(agent))
  await phone.ask('join_ticket', { ticket_id: id })
  const words = ['one', 'two', 'three', 'four', 'five', 'six', 'seven']
  for (const word of words.slice(0, 3)) await say(id, word)
  await phone.next('new_message', ({ message }) => message === 'three')
  // Its offset is of the first connection from here on.
  await cut(phone, async () => undefined)
  const desktop = await connectClient(t, node.url, tokenOf(agent))
  await desktop.ask('join_ticket', { ticket_id: id })
  proxy.slow(2_000)
  for (const word of words.slice(3)) await say(id, word)
  await desktop.next('new_message', ({ message }) => message === 'seven')
  const { id: socketId = '' } = phone.socket
  proxy.cut()
  await phone.next('disconnect')
  await seen(socketId)
  proxy.mend()
  phone.socket.connect()
  await phone.next('connected')
  await phone.next('new_message', ({ message }) => message === 'seven')
  t.same(wordsOf(phone), words)
})

t.test('what is asked while a connection is taken up again is done after that', async (t) => {
  const [left, kept] = [await newTicket(), await newTicket()]
  const client = await connectClient(t, node.url, tokenOf(agent))
  for (const id of [left, kept]) await client.ask('join_ticket', { ticket_id: id })
  await say(left, 'one')
  await client.next('new_message')
  const { id: socketId = '' } = client.socket
  client.socket.io.engine.close()
  await client.next('disconnect')
  await seen(socketId)
  // Sent as soon as the connection is back.
  const answers = [
    client.ask('leave_ticket', { ticket_id: left }),
    client.ask('typing_start', { ticket_id: kept }),
  ]
  client.socket.connect()
  t.same(await Promise.all(answers), [{ ok: true }, { ok: true }])
  t.equal(client.socket.recovered, true)
  await say(left, 'two')
  await say(kept, 'three')
  await client.next('new_message', ({ message }) => message === 'three')
  t.same(wordsOf(client), ['one', 'three'])
})
