import { randomUUID } from 'node:crypto'
import { ticketWatchers, users } from '@servicedesk/db'
import { connectClient, createTestDesk, openClient, startNode } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'

type Person = Awaited<ReturnType<typeof desk.person>>

const desk = await createTestDesk(t)
// What changes rights happens on one node, what is looked at on the other.
const [one, two] = [await startNode(t, desk), await startNode(t, desk)]
const admin = await desk.person('System Admin')
const tokenOf = ({ id, sessionId }: Person) => one.app.signAccessToken({ userId: id, sessionId })
const newTicket = async (requester: Person) => {
  const report = { title: 'Screen is black', description: 'It was fine yesterday.' }
  return (await one.core.tickets.create(requester, report)).id
}
const joined = async (actor: Person, ticketId: number) => {
  const client = await connectClient(t, two.url, tokenOf(actor))
  const answer = await client.ask('join_ticket', { ticket_id: ticketId })
  if (!answer.ok) throw new Error(answer.error.message)
  return client
}
/** Changes an account as an admin does. */
const change = (id: number, changes: object) =>
  one.app.inject({ method: 'PUT', url: `/api/v1/users/${id}`, headers: desk.as(admin), payload: changes })

for (const [what, token] of [
  ['no token', undefined],
  ['a token of another key', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln'],
  ['a token without a session', one.app.signAccessToken({ userId: admin.id, sessionId: randomUUID() })],
] as const) {
  t.test(`a connection with ${what} is refused`, async (t) => {
    const client = openClient(t, two.url, token)
    t.match(await client.next('connect_error'), {
      message: 'Authentication required',
      data: { code: 'unauthenticated' },
    })
    t.notOk(client.socket.connected)
  })
}

t.test('the token may come in the Authorization header', async (t) => {
  const extraHeaders = { authorization: `Bearer ${tokenOf(admin)}` }
  const client = openClient(t, two.url, undefined, { extraHeaders })
  t.match(await client.next('connected'), { status: 'Connected', user_id: admin.id })
})

t.test('who may not see a ticket does not join it, and learns nothing of it', async (t) => {
  const ticketId = await newTicket(await desk.person('Normal User'))
  const client = await connectClient(t, two.url, tokenOf(await desk.person('Normal User')))
  for (const id of [ticketId, 999_999_999]) {
    t.match(await client.ask('join_ticket', { ticket_id: id }), { ok: false, error: { code: 'not_found' } })
  }
  for (const event of ['send_message', 'ticket_update', 'typing_start']) {
    const more = { send_message: { message: 'hello' }, ticket_update: { updates: { title: 'Mine now' } } }
    const payload = { ticket_id: ticketId, ...more[event as keyof typeof more] }
    const code = event === 'typing_start' ? 'not_joined' : 'not_found'
    t.match(await client.ask(event, payload), { ok: false, error: { code } }, event)
  }
  await one.core.messages.post(admin, { ticketId, body: 'secret' })
  await client.ask('request_presence')
  t.notOk(client.received.some(({ payload }) => JSON.stringify(payload ?? null).includes('secret')))
})

for (const [what, end] of [
  ['logs out', async (who: Person) => one.core.sessions.logout(who)],
  ['is deactivated', async (who: Person) => change(who.id, { is_active: false })],
  ['gets another role', async (who: Person) => change(who.id, { role: 'Normal User' })],
  ['gets another password', async (who: Person) => change(who.id, { password: 'another battery staple' })],
  [
    'is demoted behind our back',
    async (who: Person) => desk.db.update(users).set({ role: 'Normal User' }).where(eq(users.id, who.id)),
  ],
] as const) {
  t.test(
    `a socket on another node is closed when its person ${what}, and gets nothing written after that`,
    async (t) => {
      const agent = await desk.person('Technical User')
      const ticketId = await newTicket(await desk.person('Normal User'))
      const client = await joined(agent, ticketId)
      const started = Date.now()
      await end(agent)
      await one.core.messages.post(admin, { ticketId, body: 'too late', isInternal: true })
      t.match(await client.next('error'), { code: 'session_ended' })
      await client.next('disconnect')
      t.ok(Date.now() - started < 2_000, `after ${Date.now() - started} ms`)
      t.notOk(client.received.some(({ event }) => event === 'new_message'))
    },
  )
}

t.test('an agent who was demoted writes no internal note over an old socket', async (t) => {
  const agent = await desk.person('Technical User')
  const ticketId = await newTicket(agent)
  const client = await joined(agent, ticketId)
  await desk.db.execute(sql`UPDATE sessions SET revoked_at = now() WHERE id = ${agent.sessionId}`)
  const sent = client.ask('send_message', { ticket_id: ticketId, message: 'note', is_internal: true })
  t.match(JSON.stringify(await Promise.race([sent, client.next('error')])), /unauthenticated|session_ended/)
  const log = await one.core.messages.events(admin, ticketId, { afterSeq: 0, limit: 10 })
  t.same(
    log.map((each) => each.type),
    ['ticket_created'],
  )
})

t.test('a watcher who was removed is shown out, and may not come back', async (t) => {
  const requester = await desk.person('Normal User')
  const watcher = await desk.person('Normal User')
  const ticketId = await newTicket(requester)
  await desk.db.insert(ticketWatchers).values({ ticketId, userId: watcher.id, createdAt: new Date() })
  const [client, other] = [await joined(watcher, ticketId), await joined(requester, ticketId)]
  await one.core.watchers.remove(admin, ticketId, watcher.id)
  await one.core.messages.post(admin, { ticketId, body: 'without you' })
  t.match(await client.next('left_ticket'), { ticket_id: `TKT-${ticketId}`, reason: 'access_lost' })
  t.match(await other.next('new_message'), { message: 'without you', seq: 3 })
  t.match(await client.ask('join_ticket', { ticket_id: ticketId }), {
    ok: false,
    error: { code: 'not_found' },
  })
  t.notOk(client.received.some(({ event }) => event === 'new_message' || event === 'ticket_updated'))
})

t.test('a ticket that is deleted is left by all but admins', async (t) => {
  const requester = await desk.person('Normal User')
  const ticketId = await newTicket(requester)
  const [theirs, ours] = [await joined(requester, ticketId), await joined(admin, ticketId)]
  await one.core.tickets.remove(admin, ticketId, undefined)
  t.match(await theirs.next('left_ticket'), { reason: 'access_lost' })
  t.match(await ours.next('ticket_updated'), { updates: { deleted: true }, seq: 2 })
})
