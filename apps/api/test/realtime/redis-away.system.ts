import { createRedis } from '@servicedesk/jobs'
import { leasesKey } from '@servicedesk/realtime'
import {
  connectClient,
  createTestDesk,
  startNode,
  startOwnRedis,
  type TestClient,
  until,
} from '@servicedesk/testing'
import t, { type Test } from 'tap'

const notHandled: unknown[] = []
process.on('unhandledRejection', (error) => notHandled.push(error))

const desk = await createTestDesk(t)
const redis = await startOwnRedis(t)
const options = { redis: redis.connection }
const [one, two] = [await startNode(t, desk, options), await startNode(t, desk, options)]
type Actor = Awaited<ReturnType<typeof desk.person>>
const connect = (t: Test, node: typeof one, { id, sessionId }: Actor) =>
  connectClient(t, node.url, node.app.signAccessToken({ userId: id, sessionId }))
const of = (actor: Actor) => (payload: { user_id: number }) => payload.user_id === actor.id
const told = (client: TestClient, actor: Actor) =>
  client.received
    .filter(({ event, payload }) => event === 'presence_update' && payload.user_id === actor.id)
    .map(({ payload }) => payload.status)

// With the times of the product: leases of 10 s run out while Redis stands still for 12.
t.test(
  'Redis stands still for longer than a lease: people come and go on their nodes, and nobody flickers',
  async (t) => {
    const [watcher, far] = [
      await connect(t, one, await desk.person('Technical User')),
      await desk.person('Normal User'),
    ]
    await connect(t, two, far)
    await watcher.next('presence_update', of(far))
    redis.freeze()
    const frozenUntil = Date.now() + 12_000
    const person = await desk.person('Normal User')
    const began = Date.now()
    const client = await connect(t, one, person)
    t.match(await watcher.next('presence_update', of(person)), { status: 'online' })
    t.ok(Date.now() - began < 1_000, `connected and told within ${Date.now() - began} ms`)
    client.close()
    t.match(await watcher.next('presence_update', of(person)), { status: 'offline' })
    const stays = await desk.person('Normal User')
    await connect(t, one, stays)
    await until('the leases to be over', async () => Date.now() > frozenUntil)
    redis.thaw()
    const last = await connect(t, two, await desk.person('Normal User'))
    await until('the other node to know who came meanwhile', async () => {
      await last.ask('request_presence')
      const payload = last.received.findLast(({ event }) => event === 'presence_status')?.payload
      return payload[stays.id] === 'online' && payload[person.id] === undefined
    })
    // Nodes end what has run out when they take up judging others again; by then a wrong end would have been told.
    const direct = createRedis(redis.connection, () => undefined)
    t.teardown(() => direct.disconnect())
    await direct.zadd(leasesKey(desk.config.redisPrefix), '1', 'no-node a lease of long ago')
    await until('the sweep', async () => {
      const left = await direct.zscore(leasesKey(desk.config.redisPrefix), 'no-node a lease of long ago')
      return left === null
    })
    t.strictSame(told(watcher, far), ['online'])
    t.strictSame(told(watcher, stays), ['online'])
    t.strictSame(told(last, stays).concat(told(last, far)).includes('offline'), false)
    t.strictSame(notHandled, [])
  },
)
