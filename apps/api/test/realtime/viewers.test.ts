import {
  connectClient,
  createTestDesk,
  startNode,
  type TestClient,
  type TestNode,
  until,
} from '@servicedesk/testing'
import t, { type Test } from 'tap'

const times = { leases: { leaseMs: 1_000, refreshMs: 60, pulseMs: 20, settleMs: 150 }, graceMs: 500 }
const desk = await createTestDesk(t)
const [one, two] = [await startNode(t, desk, { times }), await startNode(t, desk, { times })]
const requester = await desk.person('Normal User', { name: 'Rita Requester' })
const agent = await desk.person('Technical User', { name: 'Ann Agent' })
const other = await desk.person('Technical User', { name: 'Otto: Other' })
type Actor = typeof agent

async function look(t: Test, node: TestNode, actor: Actor, id: number): Promise<TestClient> {
  const token = one.app.signAccessToken({ userId: actor.id, sessionId: actor.sessionId })
  const client = await connectClient(t, node.url, token)
  t.strictSame(await client.ask('join_ticket', { ticket_id: id }), { ok: true })
  return client
}
const newTicket = async () =>
  (await one.core.tickets.create(requester, { title: 'Who looks at it', description: 'Several people do.' }))
    .id
const viewers =
  (...actors: Actor[]) =>
  ({ users }: { users: { id: number }[] }) =>
    users.map(({ id }) => id).join() === actors.map(({ id }) => id).join()
const named = (client: TestClient, event: string) => client.received.filter((each) => each.event === event)

t.test('those in a ticket hear who comes and goes, by name, and see the list', async (t) => {
  const id = await newTicket()
  const mine = await look(t, one, requester, id)
  const theirs = await look(t, two, agent, id)
  const ticket_id = `TKT-${id}`
  const about = { user_id: agent.id, user_name: agent.name, ticket_id, timestamp: String }
  t.match(await mine.next('user_joined_ticket'), about)
  const users = [requester, agent].map(({ id, name }) => ({ id, name }))
  for (const client of [mine, theirs]) {
    t.strictSame(await client.next('ticket_viewers', viewers(requester, agent)), { ticket_id, users })
  }
  await theirs.ask('leave_ticket', { ticket_id: id })
  t.match(await mine.next('user_left_ticket'), about)
  await mine.next('ticket_viewers', viewers(requester))
  t.strictSame(named(theirs, 'user_joined_ticket').length, 0, 'who came second saw nobody come')
})

t.test("a person's tabs are one viewer, on one node or several", async (t) => {
  const id = await newTicket()
  const watcher = await look(t, two, other, id)
  const first = await look(t, one, agent, id)
  await watcher.next('user_joined_ticket')
  const second = await look(t, one, agent, id)
  t.ok(await second.next('ticket_viewers', viewers(agent, other)), 'a second tab gets the list')
  const third = await look(t, two, agent, id)
  await third.next('ticket_viewers', viewers(agent, other))
  await first.ask('leave_ticket', { ticket_id: id })
  third.close()
  const mine = await look(t, one, requester, id)
  await watcher.next('user_joined_ticket', ({ user_id }) => user_id === requester.id)
  t.equal(named(watcher, 'user_left_ticket').length, 0)
  second.close()
  t.match(await watcher.next('user_left_ticket'), { user_id: agent.id, user_name: agent.name })
  await mine.next('ticket_viewers', viewers(requester, other))
  t.equal(named(watcher, 'user_joined_ticket').length, 2)
  for (const client of [first, second, third]) {
    t.notOk(
      client.received.some(({ event, payload }) => event.startsWith('user_') && payload.user_id === agent.id),
    )
  }
})

t.test('a connection that breaks and comes back in a moment has not left the ticket', async (t) => {
  const id = await newTicket()
  const watcher = await look(t, two, other, id)
  const first = await look(t, one, agent, id)
  await watcher.next('user_joined_ticket')
  first.socket.io.engine.close()
  const second = await look(t, two, agent, id)
  const mine = await look(t, one, requester, id)
  await watcher.next('user_joined_ticket', ({ user_id }) => user_id === requester.id)
  t.equal(named(watcher, 'user_left_ticket').length, 0)
  second.socket.io.engine.close()
  t.match(await watcher.next('user_left_ticket'), { user_id: agent.id })
  mine.close()
})

t.test('the viewers of a node that died are corrected by themselves', async (t) => {
  const id = await newTicket()
  const dying = await startNode(t, desk, { times })
  const watcher = await look(t, two, other, id)
  await look(t, dying, agent, id)
  await watcher.next('ticket_viewers', viewers(agent, other))
  await dying.close()
  t.match(await watcher.next('user_left_ticket'), { user_id: agent.id })
  await watcher.next('ticket_viewers', viewers(other))
})

t.test('who is renamed is listed by the new name on every node, and has not gone', async (t) => {
  const id = await newTicket()
  const changing = await desk.person('Technical User', { name: 'Nell Before' })
  const [near, far] = [await look(t, one, requester, id), await look(t, two, other, id)]
  const client = await look(t, one, changing, id)
  const as =
    (name: string) =>
    ({ users }: { users: { id: number; name: string }[] }) =>
      users.some((user) => user.id === changing.id && user.name === name)
  for (const watcher of [near, far]) await watcher.next('ticket_viewers', as('Nell Before'))
  await one.core.users.update(changing.id, { name: 'Nell After' })
  for (const watcher of [near, far]) await watcher.next('ticket_viewers', as('Nell After'))
  const late = await look(t, two, agent, id)
  await late.next('ticket_viewers', as('Nell After'))
  for (const watcher of [near, far]) t.same(named(watcher, 'user_left_ticket'), [])
  await client.ask('leave_ticket', { ticket_id: id })
  for (const watcher of [near, far]) {
    t.match(await watcher.next('user_left_ticket'), { user_id: changing.id, user_name: 'Nell After' })
    await watcher.next('ticket_viewers', viewers(requester, agent, other))
  }
})

t.test('who loses access is out of the list, and hears no more of who comes', async (t) => {
  const id = await newTicket()
  const watching = await desk.person('Normal User', { name: 'Wim Watcher' })
  await one.core.watchers.add(agent, id, watching.id)
  const watcher = await look(t, two, other, id)
  const client = await look(t, one, watching, id)
  await watcher.next('ticket_viewers', viewers(other, watching))
  await one.core.watchers.remove(agent, id, watching.id)
  t.match(await client.next('left_ticket'), { reason: 'access_lost' })
  await watcher.next('user_left_ticket')
  await watcher.next('ticket_viewers', viewers(other))
  const seen = client.received.length
  await look(t, one, agent, id)
  await watcher.next('ticket_viewers', viewers(agent, other))
  await until('the client to have answered', async () => (await client.ask('request_presence')).ok)
  const heard = client.received.slice(seen).map(({ event }) => event)
  t.notOk(
    heard.some((event) => event === 'user_joined_ticket' || event === 'ticket_viewers'),
    heard.join(),
  )
})
