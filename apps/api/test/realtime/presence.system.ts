import {
  connectClient,
  createTestDesk,
  openClient,
  startNode,
  startOwnRedis,
  type TestClient,
  type TestNode,
  until,
} from '@servicedesk/testing'
import t, { type Test } from 'tap'
// For the type of `app.io`.
import type {} from '../../src/plugins/realtime.ts'

const LEASES = { leaseMs: 1_000, refreshMs: 60, pulseMs: 20, settleMs: 150 }
const times = { leases: LEASES, graceMs: 500 }
const desk = await createTestDesk(t)
const [one, two] = [await startNode(t, desk, { times }), await startNode(t, desk, { times })]
const observer = await desk.person('Technical User')
type Actor = typeof observer
const tokenOf = (actor: Actor) => one.app.signAccessToken({ userId: actor.id, sessionId: actor.sessionId })
const connect = (t: Test, node: TestNode, actor: Actor) => connectClient(t, node.url, tokenOf(actor))

const of = (actor: Actor) => (payload: { user_id: number }) => payload.user_id === actor.id
/** What a client was told of somebody's coming and going. */
const told = (client: TestClient, actor: Actor) =>
  client.received
    .filter(({ event, payload }) => event === 'presence_update' && payload.user_id === actor.id)
    .map(({ payload }) => payload.status)
const sees = (client: TestClient, actor: Actor) => (payload: object) =>
  Object.hasOwn(payload, actor.id) && client.socket.connected

/** Ends a connection without a word, and waits until its node has seen that. */
async function breakOff(node: TestNode, { socket }: TestClient): Promise<void> {
  const { id = '' } = socket
  socket.io.engine.close()
  await until('the node to see it', async () => !node.app.io.of('/').sockets.has(id))
}

/** Everything that was sent before has been told by then, on both nodes. */
async function passed(t: Test, watchers: TestClient[]): Promise<void> {
  const last = await desk.person('Normal User')
  const clients = [await connect(t, one, last), await connect(t, two, last)]
  for (const watcher of watchers) await watcher.next('presence_update', of(last))
  for (const client of clients) client.close()
}

t.test('who connects is told who is online, and others of them, on every node', async (t) => {
  const watcher = await connect(t, two, observer)
  const person = await desk.person('Normal User')
  const client = await connect(t, one, person)
  t.match(await client.next('presence_status'), { [person.id]: 'online' })
  const update = await watcher.next('presence_update', of(person))
  t.match(update, { user_id: person.id, status: 'online', timestamp: /^\d{4}-.*Z$/ })
  await until('the nodes to agree', async () => {
    await client.ask('request_presence')
    return client.received.some(
      ({ event, payload }) => event === 'presence_status' && sees(client, observer)(payload),
    )
  })
  t.strictSame(told(client, person), [], 'nobody is told of themselves')
})

t.test('several tabs and devices are one person; the last who leaves is offline', async (t) => {
  const watcher = await connect(t, two, observer)
  const person = await desk.person('Normal User')
  const tabs = [await connect(t, one, person), await connect(t, one, person), await connect(t, two, person)]
  await watcher.next('presence_update', of(person))
  tabs[0]?.close()
  tabs[2]?.close()
  await passed(t, [watcher])
  t.strictSame(told(watcher, person), ['online'])
  tabs[1]?.close()
  t.match(await watcher.next('presence_update', of(person)), { status: 'offline' })
  await passed(t, [watcher])
  t.strictSame(told(watcher, person), ['online', 'offline'])
  const later = await connect(t, two, await desk.person('Normal User'))
  t.notOk(sees(later, person)(await later.next('presence_status')))
})

t.test(
  'a page that is loaded anew does not flicker, on its node or another; one that stays away does end',
  async (t) => {
    const watchers = [await connect(t, one, observer), await connect(t, two, observer)]
    const person = await desk.person('Normal User')
    const first = await connect(t, one, person)
    for (const watcher of watchers) await watcher.next('presence_update', of(person))
    await breakOff(one, first)
    const second = await connect(t, one, person)
    await breakOff(one, second)
    const third = await connect(t, two, person)
    await passed(t, watchers)
    for (const watcher of watchers) t.strictSame(told(watcher, person), ['online'])
    await breakOff(two, third)
    for (const watcher of watchers) {
      t.match(await watcher.next('presence_update', of(person)), { status: 'offline' })
    }
  },
)

t.test('a node dies: its people go offline once, but for those who are on another by then', async (t) => {
  const dying = await startNode(t, desk, { times })
  const watchers = [await connect(t, one, observer), await connect(t, two, await desk.person('System Admin'))]
  const [gone, back] = [await desk.person('Normal User'), await desk.person('Normal User')]
  const left = await connect(t, dying, gone)
  const moved = await connect(t, dying, back)
  for (const watcher of watchers) {
    for (const person of [gone, back]) await watcher.next('presence_update', of(person))
  }
  // Closing tells nobody: the leases run out, just as after a kill.
  await dying.close()
  for (const client of [left, moved]) client.close()
  await connect(t, two, back)
  for (const watcher of watchers)
    t.match(await watcher.next('presence_update', of(gone)), { status: 'offline' })
  await passed(t, watchers)
  for (const watcher of watchers) {
    t.strictSame(told(watcher, gone), ['online', 'offline'])
    t.strictSame(told(watcher, back), ['online'])
  }
})

t.test('Redis loses everything: whoever is there stays, and who went meanwhile is told of', async (t) => {
  const redis = await startOwnRedis(t)
  // Connecting anew takes up to a second, whatever the test's hurry.
  const leases = { ...LEASES, leaseMs: 3_000, settleMs: 2_000 }
  const options = { redis: redis.connection, times: { ...times, leases } }
  const [here, there] = [await startNode(t, desk, options), await startNode(t, desk, options)]
  const watcher = await connect(t, here, observer)
  const [stays, goes] = [await desk.person('Normal User'), await desk.person('Normal User')]
  await connect(t, there, stays)
  const dying = await startNode(t, desk, options)
  const leaving = await connect(t, dying, goes)
  for (const person of [stays, goes]) await watcher.next('presence_update', of(person))

  await redis.kill()
  const dead = dying.close()
  leaving.close()
  const during = await desk.person('Normal User')
  const began = Date.now()
  const local = await connect(t, here, during)
  t.match(
    await watcher.next('presence_update', of(during)),
    { status: 'online' },
    'on its node without Redis',
  )
  t.ok(Date.now() - began < 900, 'and not delayed by it')
  await redis.start('lost')
  await dead
  t.match(await watcher.next('presence_update', of(goes)), { status: 'offline' })
  t.strictSame(told(watcher, stays), ['online'])
  const far = await connect(t, there, await desk.person('Normal User'))
  await until('the other node to know who came meanwhile', async () => {
    await far.ask('request_presence')
    return sees(far, during)(far.received.findLast(({ event }) => event === 'presence_status')?.payload ?? {})
  })
  local.close()
})

t.test('a refused client is nobody', async (t) => {
  const watcher = await connect(t, one, observer)
  const person = await desk.person('Normal User')
  const refused = openClient(t, two.url, `${tokenOf(person)}x`)
  t.equal((await refused.next('connect_error')).message, 'Authentication required')
  await passed(t, [watcher])
  t.strictSame(told(watcher, person), [])
})
