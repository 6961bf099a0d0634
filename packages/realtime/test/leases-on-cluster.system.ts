import { createRedis } from '@servicedesk/jobs'
import { startOwnCluster, until } from '@servicedesk/testing'
import t from 'tap'
import { createLeases, leasesKey } from '../src/leases.ts'

const cluster = await startOwnCluster(t)
const key = leasesKey('{leases-on-a-cluster}')
const times = { leaseMs: 2_000, refreshMs: 200, pulseMs: 100, settleMs: 2_000 }

function startNode() {
  const connect = () => createRedis(cluster.connection, () => undefined)
  const [redis, reader] = [connect(), connect()]
  const seen = new Set<string>()
  const heard: string[] = []
  const leases = createLeases({ redis, key, onError: () => undefined, times })
  leases.listen(reader, {
    changed(lease, _node, isHeld) {
      heard.push(`${isHeld ? '+' : '-'}${lease}`)
      if (isHeld) seen.add(lease)
      else seen.delete(lease)
    },
    said: (text) => heard.push(text),
  })
  const close = async () => {
    reader.disconnect()
    await leases.close()
    redis.disconnect()
  }
  t.teardown(close)
  return { leases, seen, heard, close }
}

t.test('leases are held, seen, lost with a master and put back, and run out, on a cluster', async (t) => {
  const [one, two, dying] = [startNode(), startNode(), startNode()]
  one.leases.hold('a')
  dying.leases.hold('b')
  await until('both to be seen', async () => two.seen.has('a') && two.seen.has('b'))
  one.leases.say('a word')
  await until('the word', async () => two.heard.includes('a word'))
  const master = await cluster.masterOf(key)
  await master.kill()
  await master.start('lost')
  one.leases.hold('c')
  await until('what came later', async () => two.seen.has('c'))
  t.strictSame(
    two.heard.filter((each) => each.startsWith('-')),
    [],
    'nobody was taken for gone',
  )
  void dying.close()
  await until('the dead to be missed', async () => !two.seen.has('b'))
  t.strictSame([...two.seen].sort(), ['a', 'c'])
  t.strictSame(
    two.heard.filter((each) => each.startsWith('-')),
    ['-b'],
  )
})
