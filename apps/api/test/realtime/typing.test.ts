import {
  connectClient,
  createTestDesk,
  startNode,
  type TestClient,
  type TestNode,
} from '@servicedesk/testing'
import t, { type Test } from 'tap'

const TYPING_MS = 250
const desk = await createTestDesk(t)
const times = { typingMs: TYPING_MS }
const [one, two] = [await startNode(t, desk, { times }), await startNode(t, desk, { times })]
/** Nodes whose typists do not end while a test looks. */
const patient = { typingMs: 60_000 }
const [three, four] = [
  await startNode(t, desk, { times: patient }),
  await startNode(t, desk, { times: patient }),
]
const requester = await desk.person('Normal User')
const agent = await desk.person('Technical User', { name: 'Ann Agent' })
type Actor = typeof agent

async function open(t: Test, node: TestNode, actor: Actor, id?: number): Promise<TestClient> {
  const token = one.app.signAccessToken({ userId: actor.id, sessionId: actor.sessionId })
  const client = await connectClient(t, node.url, token)
  if (id !== undefined) await client.ask('join_ticket', { ticket_id: id })
  return client
}
const newTicket = async () =>
  (await one.core.tickets.create(requester, { title: 'Who types', description: 'Somebody does.' })).id
const typing = (client: TestClient) =>
  client.received.filter(({ event }) => event === 'user_typing').map(({ payload }) => payload.typing)

t.test('every start is passed on, to all others in the ticket and nobody else', async (t) => {
  const id = await newTicket()
  const [typist, tab] = [await open(t, three, agent, id), await open(t, four, agent, id)]
  const readers = [await open(t, three, requester, id), await open(t, four, requester, id)]
  const outside = await open(t, four, await desk.person('Technical User'))
  for (let n = 0; n < 3; n += 1) await typist.ask('typing_start', { ticket_id: id })
  await typist.ask('typing_stop', { ticket_id: `TKT-${id}` })
  for (const reader of readers) {
    const first = await reader.next('user_typing')
    t.match(first, { ticket_id: `TKT-${id}`, user_id: agent.id, user_name: agent.name, typing: true })
    t.match(first.timestamp, /^\d{4}-.*Z$/)
    await reader.next('user_typing', ({ typing }) => !typing)
    t.strictSame(typing(reader), [true, true, true, false])
  }
  for (const client of [typist, tab, outside]) t.strictSame(typing(client), [])
})

t.test('it ends by itself, once, on every node; a start puts the end off', async (t) => {
  const id = await newTicket()
  const typist = await open(t, one, agent, id)
  const readers = [await open(t, one, requester, id), await open(t, two, requester, id)]
  await typist.ask('typing_start', { ticket_id: id })
  await typist.ask('typing_start', { ticket_id: id })
  for (const reader of readers) {
    await reader.next('user_typing', ({ typing }) => !typing)
    t.strictSame(typing(reader), [true, true, false])
  }
  await typist.ask('typing_stop', { ticket_id: id })
  await typist.ask('typing_start', { ticket_id: id })
  for (const reader of readers) {
    await reader.next('user_typing', ({ typing }) => !typing)
    t.strictSame(typing(reader), [true, true, false, true, false], 'a stop after the end tells nothing')
  }
})

t.test('the node of the typist dies: the others end it', async (t) => {
  const id = await newTicket()
  const dying = await startNode(t, desk, { times: patient })
  const typist = await open(t, dying, agent, id)
  const reader = await open(t, two, requester, id)
  await typist.ask('typing_start', { ticket_id: id })
  t.match(await reader.next('user_typing'), { typing: true })
  await dying.close()
  t.match(await reader.next('user_typing'), { typing: false })
})

for (const [what, end] of [
  ['leaves', (client: TestClient, id: number) => client.ask('leave_ticket', { ticket_id: id })],
  ['disconnects', async (client: TestClient) => client.close()],
  ['loses the connection', async (client: TestClient) => client.socket.io.engine.close()],
  [
    'sends the message',
    (client: TestClient, id: number) => client.ask('send_message', { ticket_id: id, message: 'That is it.' }),
  ],
] as const) {
  t.test(`it ends when the typist ${what}`, async (t) => {
    const id = await newTicket()
    const typist = await open(t, three, agent, id)
    const reader = await open(t, four, requester, id)
    await typist.ask('typing_start', { ticket_id: id })
    t.match(await reader.next('user_typing'), { typing: true })
    await end(typist, id)
    t.match(await reader.next('user_typing'), { typing: false })
  })
}

t.test('in two tabs: it goes on while one of them types', async (t) => {
  const id = await newTicket()
  const [first, second] = [await open(t, three, agent, id), await open(t, three, agent, id)]
  const reader = await open(t, four, requester, id)
  for (const tab of [first, second]) await tab.ask('typing_start', { ticket_id: id })
  await first.ask('typing_stop', { ticket_id: id })
  await second.ask('typing_start', { ticket_id: id })
  await second.ask('typing_stop', { ticket_id: id })
  await reader.next('user_typing', ({ typing }) => !typing)
  t.strictSame(typing(reader), [true, true, true, false])
})

t.test('who has not joined the ticket types nothing', async (t) => {
  const id = await newTicket()
  const reader = await open(t, three, requester, id)
  const client = await open(t, three, agent)
  for (const event of ['typing_start', 'typing_stop']) {
    const answer = await client.ask(event, { ticket_id: id })
    t.match(answer, { ok: false, error: { code: 'not_joined' } })
  }
  await client.ask('join_ticket', { ticket_id: id })
  await reader.next('user_joined_ticket')
  t.strictSame(typing(reader), [])
})
