import { emit, type JobRun, once, relayOnce, UnrecoverableError } from '@servicedesk/jobs'
import { createJobMetrics, createStoreGauges, createSweepMetrics } from '@servicedesk/telemetry'
import { until } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import { Registry } from 'prom-client'
import t from 'tap'
import { createJobsDesk, workerOf } from '../../jobs/test/helpers/jobs-desk.ts'
import { startRedisProxy } from '../../jobs/test/helpers/redis-proxy.ts'

/** One sample of a scrape; undefined where it is left out. */
async function sampleOf(registry: Registry, sample: string): Promise<number | undefined> {
  const lines = (await registry.metrics()).split('\n')
  const value = lines.find((line) => line.startsWith(`servicedesk_${sample} `))?.split(' ')[1]
  return value === undefined ? undefined : Number(value)
}

t.test('runs of jobs are counted by how they ended, with their durations', async (t) => {
  const desk = await createJobsDesk(t)
  const registry = new Registry()
  const [done, drained] = await desk.owe(2)
  await desk.set(drained!.id, { name: 'assignment.drain', payload: {} })
  await desk.db.transaction((tx) =>
    emit(tx, 'email.send', { delivery_id: '0198c0de-0000-7000-8000-000000000001' }),
  )
  await desk.db.execute(sql`UPDATE outbox SET lease_until = NULL`)
  const failing = async ({ outboxId }: JobRun<'assignment.drain'>) => {
    if (outboxId !== null) throw new Error('no luck')
  }
  await workerOf(
    t,
    desk,
    {
      'ticket.assign': (job) => once(job, async () => undefined),
      'assignment.drain': failing,
      'email.send': async () => {
        throw new UnrecoverableError('never')
      },
    },
    { observer: createJobMetrics(registry) },
  )
  const count = (job: string, outcome: string) =>
    sampleOf(registry, `jobs_total{job="${job}",outcome="${outcome}"}`)
  await until('the drain to be given up', async () => (await count('assignment.drain', 'failed')) === 1)
  t.equal(await count('assignment.drain', 'retried'), 2, 'two of its three tries are followed by another')
  t.equal(await count('ticket.assign', 'done'), 1)
  t.equal(await count('ticket.assign', 'failed'), undefined)
  t.equal(await count('email.send', 'failed'), 1, 'what can never work is not retried')
  t.equal(await count('email.send', 'retried'), undefined)
  t.equal(await sampleOf(registry, 'job_duration_seconds_count{job="assignment.drain",outcome="retried"}'), 2)
  t.ok((await sampleOf(registry, 'dispatch_batch_rows_sum{by="relay"}'))! >= 3)

  await desk.queues.assignment.add('ticket.assign', { ticket_id: 1 }, { jobId: `o-${done!.id}-9` })
  await until('the double to be skipped', async () => (await count('ticket.assign', 'skipped')) === 1)
  await desk.queues.assignment.add('ticket.teleport', {})
  await until('the stranger to fail', async () => (await count('unknown', 'failed')) === 1)
})

t.test('queues, outbox and pool are as they are', async (t) => {
  const desk = await createJobsDesk(t)
  const registry = new Registry()
  const gauges = createStoreGauges(registry, desk)
  const rows = await desk.owe(3)
  await desk.set(rows[0]!.id, { availableAt: new Date(Date.now() - 90_000) })
  await gauges.refresh()
  t.equal(await sampleOf(registry, 'outbox_owed'), 3)
  const oldest = (await sampleOf(registry, 'outbox_oldest_owed_seconds')) ?? 0
  t.ok(oldest >= 90 && oldest < 150, `the oldest is ${oldest} s old`)
  t.equal(await sampleOf(registry, 'queue_jobs{queue="assignment",state="waiting"}'), 0)

  await relayOnce(desk.db, desk.queues)
  await desk.queues.assignment.add(
    'ticket.assign',
    { ticket_id: 9 },
    { delay: 60_000, timestamp: Date.now() - 5_000 },
  )
  await desk.db.execute(sql`UPDATE outbox SET failed_at = now() WHERE id = ${rows[2]!.id}`)
  await gauges.refresh()
  t.equal(await sampleOf(registry, 'outbox_owed'), 2, 'dispatched is not done')
  t.equal(await sampleOf(registry, 'outbox_dead'), 1)
  t.equal(await sampleOf(registry, 'queue_jobs{queue="assignment",state="waiting"}'), 3)
  t.equal(await sampleOf(registry, 'queue_jobs{queue="assignment",state="delayed"}'), 1)
  t.equal(await sampleOf(registry, 'queue_jobs{queue="email",state="waiting"}'), 0)
  t.ok((await sampleOf(registry, 'queue_oldest_seconds{queue="assignment",state="delayed"}'))! >= 5)

  const busy = Array.from({ length: 13 }, () => desk.db.execute(sql`SELECT pg_sleep(0.2)`))
  const done = Promise.all(busy)
  // Drizzle's queries begin when somebody waits for them.
  await new Promise(setImmediate)
  await gauges.refresh()
  t.equal(await sampleOf(registry, 'db_pool_connections_max'), 10)
  t.equal(await sampleOf(registry, 'db_pool_in_use'), 10)
  t.equal(await sampleOf(registry, 'db_pool_waiting'), 3)
  await done
  await gauges.refresh()
  t.equal(await sampleOf(registry, 'db_pool_in_use'), 0)
})

t.test('without Redis or PostgreSQL a scrape tells what is known, soon', async (t) => {
  const proxy = await startRedisProxy(t)
  const desk = await createJobsDesk(t, proxy.connection)
  const registry = new Registry()
  const gauges = createStoreGauges(registry, desk)
  await desk.owe(1)
  await gauges.refresh()
  t.equal(await sampleOf(registry, 'dependency_up{dependency="redis"}'), 1)
  const soon = async () => {
    const startedAt = Date.now()
    await gauges.refresh()
    t.ok(Date.now() - startedAt < 2_500, 'it does not hang')
  }
  proxy.cut()
  await soon()
  t.equal(await sampleOf(registry, 'dependency_up{dependency="redis"}'), 0)
  t.equal(
    await sampleOf(registry, 'queue_jobs{queue="assignment",state="waiting"}'),
    undefined,
    'no old figure',
  )
  t.equal(await sampleOf(registry, 'outbox_owed'), 1, 'PostgreSQL is asked all the same')
  proxy.mend()
  await until('Redis to be back', async () => {
    await gauges.refresh()
    return (await sampleOf(registry, 'dependency_up{dependency="redis"}')) === 1
  })

  // A table that somebody holds: the answer does not come, and nothing says so.
  await desk.db.transaction(async (tx) => {
    await tx.execute(sql`LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE`)
    await soon()
    await soon()
    const [{ waiting } = { waiting: 0 }] = await tx.execute<{ waiting: number }>(
      sql`SELECT count(*) AS waiting FROM pg_locks WHERE NOT granted AND relation = 'outbox'::regclass`,
    )
    t.equal(waiting, 1, 'the second scrape put no second question')
  })
  t.equal(await sampleOf(registry, 'dependency_up{dependency="postgresql"}'), 0)
  t.equal(await sampleOf(registry, 'outbox_owed'), undefined)
  t.equal(await sampleOf(registry, 'dependency_up{dependency="redis"}'), 1)
})

t.test('sweeps', async (t) => {
  const registry = new Registry()
  const swept = createSweepMetrics(registry)
  t.equal(await sampleOf(registry, 'sla_sweep_due_total{kind="breach"}'), 0, 'before the first')
  swept({ breached: 2, warned: 1, seconds: 0.02 })
  swept({ breached: 1, warned: 0, seconds: 0.4 })
  t.equal(await sampleOf(registry, 'sla_sweep_due_total{kind="breach"}'), 3)
  t.equal(await sampleOf(registry, 'sla_sweep_due_total{kind="warning"}'), 1)
  t.equal(await sampleOf(registry, 'sla_sweep_duration_seconds_count'), 2)
})
