import { createRedis } from '@servicedesk/jobs'
import { testServers, until } from '@servicedesk/testing'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { SWEEP } from '../src/lease-scripts.ts'
import { createLeases, type LeaseTimes } from '../src/leases.ts'

const TIMES: LeaseTimes = { leaseMs: 600, refreshMs: 60, pulseMs: 20, settleMs: 120 }
const redis = createRedis(testServers().redis, () => undefined)
t.teardown(() => redis.disconnect())
let keys = 0

/** A node that keeps what it hears of others: leases with those who hold them. */
function startNode(t: Pick<Test, 'teardown'>, key: string, times: Partial<LeaseTimes> = {}) {
  const reader = createRedis(testServers().redis, () => undefined)
  const heard: string[] = []
  const said: string[] = []
  const others = new Map<string, Set<string>>()
  const faults: unknown[] = []
  const leases = createLeases({
    redis,
    key,
    onError: (error) => faults.push(error),
    times: { ...TIMES, ...times },
  })
  leases.listen(reader, {
    changed(lease, node, isHeld) {
      heard.push(`${isHeld ? '+' : '-'}${lease}`)
      const nodes = others.get(lease) ?? new Set()
      others.set(lease, nodes)
      if (isHeld) nodes.add(node)
      else nodes.delete(node)
    },
    said: (text) => said.push(text),
  })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= leases.close()
    // A read that waits for something need not come to its end.
    reader.disconnect()
    return closing
  }
  t.teardown(close)
  const sees = () =>
    [...others]
      .flatMap(([lease, nodes]) => [...nodes].map(() => lease))
      .sort()
      .join()
  return { leases, heard, said, faults, sees, close, held: new Set<string>() }
}

const newKey = () => `{test-leases-${process.pid}-${++keys}}:presence`

t.test('what a node holds the others see, each change once, and also those who come later', async (t) => {
  const key = newKey()
  const [one, two] = [startNode(t, key), startNode(t, key)]
  one.leases.hold('a')
  one.leases.hold('b')
  one.leases.hold('a')
  await until('the other to see both', async () => two.sees() === 'a,b')
  one.leases.release('a')
  await until('the other to see it end', async () => two.sees() === 'b')
  const three = startNode(t, key)
  await until('who comes later to see it', async () => three.sees() === 'b')
  t.strictSame(two.heard.toSorted(), ['+a', '+b', '-a'], 'a second time is no change')
  t.strictSame(one.heard, [], 'nobody hears of his own')
})

t.test('a word reaches every other node once, in order', async (t) => {
  const key = newKey()
  const [one, two, three] = [startNode(t, key), startNode(t, key), startNode(t, key)]
  one.leases.hold('ready')
  await until('all to listen', async () => two.sees() === 'ready' && three.sees() === 'ready')
  one.leases.say('first word')
  one.leases.say('second')
  for (const { said } of [two, three]) await until('the words', async () => said.length === 2)
  t.strictSame([one.said, two.said, three.said], [[], ['first word', 'second'], ['first word', 'second']])
})

t.test('what a dead node held ends once, and leases that are renewed do not', async (t) => {
  const key = newKey()
  const [one, two, dead] = [startNode(t, key), startNode(t, key), startNode(t, key)]
  dead.leases.hold('a')
  one.leases.hold('b')
  for (const node of [one, two]) await until('the lease', async () => node.sees().includes('a'))
  void dead.close()
  for (const node of [one, two]) await until('its end', async () => !node.sees().includes('a'))
  t.equal(two.sees(), 'b')
  t.strictSame(two.heard.toSorted(), ['+a', '+b', '-a'])
  t.strictSame(one.heard, ['+a', '-a'])
})

t.test('a lease that another node ended, because this one stood still, is put back', async (t) => {
  const key = newKey()
  const [one, two] = [startNode(t, key, { refreshMs: 60_000, leaseMs: 60_000 }), startNode(t, key)]
  one.leases.hold('a')
  await until('the lease', async () => two.sees() === 'a')
  const [entry = ''] = await redis.zrange(key, '0', '-1')
  await redis.multi().zadd(key, '1', entry).eval(SWEEP, 2, key, `${key}:changes`).exec()
  await until('its end, and that it is back', async () => two.heard.length === 3)
  t.strictSame(two.heard, ['+a', '-a', '+a'])
})

t.test('Redis loses everything: nobody is taken for gone but who is', async (t) => {
  const key = newKey()
  const start = () => startNode(t, key, { leaseMs: 60_000 })
  const [one, two, dead] = [start(), start(), start()]
  one.leases.hold('a')
  two.leases.hold('b')
  dead.leases.hold('c')
  await until('all to be seen', async () => one.sees() === 'b,c' && two.sees() === 'a,c')
  await dead.close()
  await redis.del(key, `${key}:changes`)
  await until('the dead to be missed', async () => one.sees() === 'b' && two.sees() === 'a')
  t.strictSame(one.heard.toSorted(), ['+b', '+c', '-c'])
  t.strictSame(two.heard.toSorted(), ['+a', '+c', '-c'])
  t.equal(await redis.zcard(key), 2, 'and the living are in Redis again')
})

t.test('more than fits into one command', async (t) => {
  const key = newKey()
  const [one, two] = [startNode(t, key, { leaseMs: 1_000 }), startNode(t, key)]
  const names = Array.from({ length: 1_234 }, (_, at) => `lease ${at}`)
  for (const name of names) one.leases.hold(name)
  await until('all to be seen', async () => two.heard.length === names.length)
  for (const name of names.slice(0, 700)) one.leases.release(name)
  await until('the rest to be left', async () => two.heard.length === names.length + 700)
  await one.close()
  await until('all to run out', async () => two.sees() === '')
  t.strictSame([one.faults, two.faults], [[], []])
})

type Step = { kind: 'hold' | 'release' | 'die' | 'flush'; node: number; lease: string }

t.test('whatever happens, every node sees in the end what the living hold', async (t) => {
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('hold', 'hold', 'hold', 'release', 'release', 'die', 'flush'),
    node: fc.nat(2),
    lease: fc.constantFrom('a', 'b', 'c'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const key = newKey()
      const start = () => startNode(t, key)
      const nodes = [start(), start(), start()]
      for (const { kind, node, lease } of steps) {
        const chosen = nodes[node]
        if (chosen === undefined) continue
        if (kind === 'hold') chosen.leases.hold(lease)
        if (kind === 'hold') chosen.held.add(lease)
        if (kind === 'release') chosen.leases.release(lease)
        if (kind === 'release') chosen.held.delete(lease)
        if (kind === 'flush') await redis.del(key, `${key}:changes`)
        if (kind === 'die') {
          void chosen.close()
          nodes[node] = start()
        }
      }
      for (const node of nodes) {
        const expected = nodes.flatMap((other) => (other === node ? [] : [...other.held])).sort()
        await until('a node to see what the others hold', async () => node.sees() === expected.join(), 3_000)
      }
      await Promise.all(nodes.map((node) => node.close()))
    }),
    { numRuns: 4 },
  )
  t.pass('in every run')
})
