import { relayOnce } from '@servicedesk/jobs'
import { until } from '@servicedesk/testing'
import t from 'tap'
import { createJobsDesk } from './helpers/jobs-desk.ts'
import { startRedisProxy } from './helpers/redis-proxy.ts'

t.test('queues that were opened while Redis was away work as soon as it is there', async (t) => {
  const proxy = await startRedisProxy(t)
  proxy.cut()
  const desk = await createJobsDesk(t, proxy.connection)
  const rows = await desk.owe(3)
  // By then whatever the queues ask at the start has failed.
  await t.rejects(desk.redis.ping())
  await t.rejects(relayOnce(desk.db, desk.queues))
  proxy.mend()
  const sent = await until('all to be sent', () => relayOnce(desk.db, desk.queues).catch(() => undefined))
  t.equal(sent, rows.length)
  t.equal(await desk.jobs('assignment'), rows.length)
})
