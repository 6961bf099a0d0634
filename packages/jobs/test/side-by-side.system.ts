import { outbox } from '@servicedesk/db'
import { closeQueues, createQueues, createRedis, once, reconcileOnce, relayOnce } from '@servicedesk/jobs'
import { type Teardown, until } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { createJobsDesk, type JobsDesk, SILENT, workerOf } from './helpers/jobs-desk.ts'

const MANY = 2_000

/** What a row has been through before, and how often it will have been dispatched in the end. */
const PASTS = {
  owed: 1,
  'leased by one who died': 1,
  'dispatched, its job lost in a flush': 2,
  'dispatched, its mark lost': 1,
  'dispatched, its job there': 1,
} as const

/** Rows of every past in an order that the seed says; the pasts of their ids. */
async function lived(desk: JobsDesk, seed: number): Promise<Map<string, keyof typeof PASTS>> {
  let state = seed
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const names = Object.keys(PASTS) as (keyof typeof PASTS)[]
  const rows = await desk.owe(MANY)
  const pasts = new Map(rows.map((row) => [row.id, names[random(names.length)]!]))
  const of = (past: keyof typeof PASTS) => {
    const ids = rows.flatMap((row) => (pasts.get(row.id) === past ? [row.id] : []))
    return sql`id = ANY (${`{${ids.join()}}`}::uuid[])`
  }
  await desk.db
    .update(outbox)
    .set({ dispatchedAt: sql`now() - interval '2 minutes'`, attempts: 1 })
    .where(of('dispatched, its job lost in a flush'))
  await desk.db
    .update(outbox)
    .set({ leaseUntil: sql`now() - interval '1 second'` })
    .where(of('leased by one who died'))
  const there = rows.filter((row) => /mark lost|job there/.test(pasts.get(row.id)!))
  await desk.queues.assignment.addBulk(
    there.map((row) => ({ name: row.name, data: row.payload, opts: { jobId: `o-${row.id}` } })),
  )
  await desk.db
    .update(outbox)
    .set({ dispatchedAt: sql`now() - interval '2 minutes'`, attempts: 1 })
    .where(of('dispatched, its job there'))
  return pasts
}

/** Queues over a connection of their own, as another process has. */
function ownQueues(t: Teardown, desk: JobsDesk) {
  const redis = createRedis(desk.connection, () => undefined)
  const queues = createQueues(redis, desk.prefix, () => undefined)
  t.teardown(async () => {
    await closeQueues(queues)
    redis.disconnect()
  })
  return queues
}

for (const seed of [1, 20_261_121]) {
  t.test(
    `three relays and three reconcilers on one outbox, seed ${seed}: each row goes out as often as it must`,
    async (t) => {
      const desk = await createJobsDesk(t)
      const pasts = await lived(desk, seed)
      const isOwed = sql`dispatched_at IS NULL OR dispatched_at < now() - interval '1 minute' AND attempts = 1
      AND id <> ALL (${`{${[...pasts].flatMap(([id, past]) => (past === 'dispatched, its job there' ? [id] : [])).join()}}`}::uuid[])`
      let isOver = false
      const keepOn = async (turn: () => Promise<unknown>) => {
        while (!isOver) await turn()
      }
      const busy = Array.from({ length: 3 }, () => {
        const queues = ownQueues(t, desk)
        return Promise.all([
          keepOn(() => relayOnce(desk.db, queues)),
          keepOn(() => reconcileOnce(desk.db, queues, { graceSeconds: 60, log: SILENT })),
        ])
      })
      await until('nothing to be owed', async () => (await desk.db.$count(outbox, isOwed)) === 0)
      isOver = true
      await Promise.all(busy)
      const rows = await desk.rows()
      t.equal(rows.length, MANY)
      const wrong = rows.filter((row) => row.attempts !== PASTS[pasts.get(row.id)!] || row.failedAt !== null)
      t.strictSame(wrong, [])
      const jobs = await desk.queues.assignment.getRanges(['active', 'wait'], 0, -1)
      const ofRows = jobs.filter((id) => id.startsWith('o-')).map((id) => id.slice(2, 38))
      t.strictSame(ofRows.sort(), [...pasts.keys()].sort(), 'one job a row')

      const effects = new Map<string, number>()
      await workerOf(t, desk, {
        'ticket.assign': (job) =>
          once(job, async () => void effects.set(job.outboxId!, (effects.get(job.outboxId!) ?? 0) + 1)),
      })
      await until(
        'all to be done',
        async () => (await desk.db.$count(outbox, sql`done_at IS NULL`)) === 0,
        60_000,
      )
      t.equal(effects.size, MANY)
      t.strictSame(new Set(effects.values()), new Set([1]))
      t.equal(
        await desk.db.$count(outbox, eq(outbox.attempts, 2)),
        [...pasts.values()].filter((past) => PASTS[past] === 2).length,
      )
    },
  )
}
