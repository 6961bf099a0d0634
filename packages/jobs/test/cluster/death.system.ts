import { startOwnCluster, until } from '@servicedesk/testing'
import t from 'tap'
import { startCountingWorker } from '../helpers/counting-worker.ts'
import { createJobsDesk } from '../helpers/jobs-desk.ts'

const MANY = 300
const cluster = await startOwnCluster(t)
// A blocking client that BullMQ connected anew stays behind when its worker closes. The product's processes exit.
t.teardown(() => void setTimeout(() => process.exit(), 1_000))

for (const data of ['kept', 'lost'] as const) {
  t.test(`kill -9 of the master that has the queues, started again with its data ${data}`, async (t) => {
    const desk = await createJobsDesk(t, cluster.connection)
    const master = await cluster.masterOf(desk.prefix)
    const worker = await startCountingWorker(t, desk)
    await until('the first sweep', async () => worker.sweeps() > 0)
    await desk.owe(MANY)
    await until('a part to be done', async () => (await worker.done()) > MANY / 10)
    await master.kill()
    await desk.owe(MANY)
    const asked = performance.now()
    await t.rejects(desk.queues.assignment.add('ticket.assign', { ticket_id: 1 }))
    const took = performance.now() - asked
    t.ok(took < 3_000, `a producer is told soon (${Math.round(took)} ms)`)
    await master.start(data)
    await worker.finished(2 * MANY, 60_000)
    await worker.swept(60_000)
    t.strictSame(new Set(worker.effects.values()), new Set([1]), 'each once')
  })
}
