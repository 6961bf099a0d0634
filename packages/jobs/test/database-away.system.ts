import { createDatabase, outbox } from '@servicedesk/db'
import { once, reconcileOnce, relayOnce } from '@servicedesk/jobs'
import { until } from '@servicedesk/testing'
import t from 'tap'
import { createJobsDesk, SILENT, workerOf } from './helpers/jobs-desk.ts'

/** A pool whose server is away: nothing listens on that port. */
const AWAY = 'postgres://nobody@127.0.0.1:1/nothing'

t.test('an outage of PostgreSQL that outlasts all tries of a job makes no dead letter of it', async (t) => {
  const desk = await createJobsDesk(t)
  const { db, queues } = desk
  const [row] = await desk.owe(1)
  // One try is all that it has.
  await desk.set(row!.id, { queue: 'maintenance', name: 'prune', payload: {} })
  await relayOnce(db, queues)
  const failedJob = async () =>
    (await queues.maintenance.getJobs(['failed'])).find((job) => job.id === `o-${row!.id}`)

  const away = await workerOf(t, desk, {}, { db: createDatabase(AWAY, { max: 1 }), queues: ['maintenance'] })
  await until('its only try to fail', async () => (await failedJob()) !== undefined)
  await away.close(200)
  t.match((await failedJob())?.failedReason, /^PostgreSQL could not be told of the failure: .*ECONNREFUSED/)
  t.notMatch((await failedJob())?.failedReason, /UPDATE outbox|params/, 'and no query is in the words')
  t.match(await desk.row(row!.id), { attempts: 1, doneAt: null, failedAt: null })

  t.equal(await reconcileOnce(db, queues, { graceSeconds: 0, log: SILENT }), 1)
  t.match(await desk.row(row!.id), { lastError: 'sent again: failed in Redis' })
  const runs: string[] = []
  await workerOf(t, desk, {
    prune: async (job) => {
      if (job.outboxId !== null) await once(job, async () => void runs.push(job.name))
    },
  })
  await until('it to be done', async () => (await desk.row(row!.id)).doneAt !== null)
  t.strictSame(runs, ['prune'])
  t.equal(await db.$count(outbox), 1, 'no admin was alerted')
})
