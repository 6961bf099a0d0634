import { startOwnSentinels, until } from '@servicedesk/testing'
import t from 'tap'
import { startCountingWorker } from './helpers/counting-worker.ts'
import { createJobsDesk } from './helpers/jobs-desk.ts'

const MANY = 300

t.test('kill -9 of the master: the failover is followed, and all owed work is done, once', async (t) => {
  const { connection, master, replica } = await startOwnSentinels(t)
  const desk = await createJobsDesk(t, connection)
  const worker = await startCountingWorker(t, desk)
  await until('the first sweep', async () => worker.sweeps() > 0)
  await desk.owe(MANY)
  await until('a part to be done', async () => (await worker.done()) > MANY / 10)
  await master.kill()
  await desk.owe(MANY)
  await worker.finished(2 * MANY, 60_000)
  await worker.swept(60_000)
  t.strictSame(new Set(worker.effects.values()), new Set([1]), 'each once')
  t.match(await desk.redis.info('server'), `tcp_port:${replica.port}`)
})
