import { randomBytes } from 'node:crypto'
import { createRedis } from '@servicedesk/jobs'
import { type Changes, changesKey, createChangeBus } from '@servicedesk/realtime'
import { testServers, until } from '@servicedesk/testing'
import t from 'tap'

const prefix = `{test-${randomBytes(6).toString('hex')}}`
const key = changesKey(prefix)

function process(t: { teardown(end: () => Promise<void>): unknown }) {
  const [redis, reader] = [
    createRedis(testServers().redis, () => undefined),
    createRedis(testServers().redis, () => undefined),
  ]
  const errors: unknown[] = []
  const bus = createChangeBus({ redis, key, onError: (error) => void errors.push(error) })
  const heard: Changes[] = []
  t.teardown(async () => {
    await bus.close()
    redis.disconnect()
    reader.disconnect()
  })
  return {
    bus,
    heard,
    errors,
    redis,
    listen: () => bus.listen(reader, (changes) => void heard.push(changes)),
  }
}

const hearing = (...each: { bus: { isHearing(): boolean } }[]) =>
  until('they hear', async () => each.every(({ bus }) => bus.isHearing()))
const NOTHING: Changes = { events: [], alerts: [], users: [], exports: [] }
const CHANGES: Changes = {
  events: [{ ticketId: 1001, seq: 3 }],
  alerts: [
    { id: 5, userId: 7 },
    { id: 6, userId: 7, occurrences: 2 },
  ],
  users: [7],
  exports: [{ id: '0198c0de-0000-7000-8000-000000000001', userId: 7 }],
}

t.test('every process hears of a change once, its own at once', async (t) => {
  const [one, two, mute] = [process(t), process(t), process(t)]
  one.listen()
  two.listen()
  await hearing(one, two)
  one.bus.publish(CHANGES)
  t.same(one.heard, [CHANGES])
  await until('the other hears', async () => two.heard.length > 0)
  mute.bus.publish({ ...NOTHING, users: [8] })
  await until('both hear', async () => one.heard.length > 1 && two.heard.length > 1)
  t.same(one.heard, two.heard)
  t.same(one.heard, [CHANGES, { ...NOTHING, users: [8] }])
})

t.test('many changes go out in entries of a size, and none is lost', async (t) => {
  const [one, two] = [process(t), process(t)]
  two.listen()
  await hearing(two)
  const events = Array.from({ length: 1_234 }, (_, n) => ({ ticketId: n + 1, seq: 1 }))
  for (const event of events) one.bus.publish({ ...NOTHING, events: [event] })
  await until('all have come', async () => two.heard.flatMap((each) => each.events).length === events.length)
  t.same(
    two.heard.flatMap((each) => each.events),
    events,
  )
  t.ok(two.heard.length >= 3 && two.heard.length < 100, `in ${two.heard.length} entries`)
})

t.test('nothing that people wrote is in Redis, and what is no entry of ours is passed over', async (t) => {
  const [one, two] = [process(t), process(t)]
  two.listen()
  await hearing(two)
  await one.redis.call('XADD', key, '*', 'by', 'somebody', 'changes', '{"not":')
  await one.redis.call('XADD', key, '*', 'other', 'fields')
  one.bus.publish(CHANGES)
  await until('it has come', async () => two.heard.length > 0)
  t.same(two.heard, [CHANGES])
  t.equal(two.errors.length, 1)
  const [entry] = (await one.redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)) as [string, string[]][]
  t.equal(entry?.[1][3], `{"e":[[1001,3]],"a":[[5,7],[6,7,2]],"u":[7],"x":[["${CHANGES.exports[0]?.id}",7]]}`)
})

t.test('it goes on after the stream was deleted', async (t) => {
  const [one, two] = [process(t), process(t)]
  two.listen()
  await hearing(two)
  one.bus.publish(CHANGES)
  await until('it has come', async () => two.heard.length === 1)
  await one.redis.call('DEL', key)
  one.bus.publish(CHANGES)
  await until('it has come again', async () => two.heard.length === 2)
})
