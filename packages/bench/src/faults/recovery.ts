import type { Sql } from 'postgres'
import type { Finding, Wrong } from '../fault-judge/finding.ts'
import type { Write } from '../fault-load/journal.ts'
import type { DoneFault } from './inject.ts'

/** How the system got over one kind of fault. Spans are seconds from the fault. */
export interface Recovery {
  name: string
  times: number
  missed: number
  /** Until a request that was made after the fault was acknowledged. */
  answers: number[]
  /** Until a job that was owed after the fault was done. */
  jobs: number[]
  lost: number
  doubled: number
}

/** Puts recoveries and what is wrong to the faults they belong to: what was lost, to the first fault after it was asked for. */
export async function recoveries(
  sql: Sql,
  faults: readonly DoneFault[],
  writes: readonly Write[],
  findings: readonly Finding[],
): Promise<Recovery[]> {
  const jobs = await sql<{ created: number; done: number }[]>`
    SELECT (extract(epoch FROM created_at) * 1000)::float8 AS created, (extract(epoch FROM done_at) * 1000)::float8 AS done
    FROM outbox WHERE done_at IS NOT NULL ORDER BY created_at`
  const answered = writes.flatMap(({ sentAt, answeredAt, outcome }) =>
    outcome === 'acknowledged' && answeredAt !== undefined ? [{ created: sentAt, done: answeredAt }] : [],
  )
  const byName = new Map<string, Recovery>()
  const of = (name: string): Recovery => {
    const known = byName.get(name)
    if (known !== undefined) return known
    const made = { name, times: 0, missed: 0, answers: [], jobs: [], lost: 0, doubled: 0 }
    byName.set(name, made)
    return made
  }
  for (const fault of faults) {
    const recovery = of(fault.name)
    recovery.times += 1
    if (fault.missed) recovery.missed += 1
    recovery.answers.push(...firstAfter(answered, fault.at))
    recovery.jobs.push(...firstAfter(jobs, fault.at))
  }
  const culprit = (wrong: Wrong) =>
    of(faults.find((fault) => fault.at >= (wrong.at ?? 0) - 50)?.name ?? faults.at(-1)?.name ?? 'no fault')
  for (const wrong of findings.flatMap((finding) => finding.lost)) culprit(wrong).lost += 1
  for (const wrong of findings.flatMap((finding) => finding.doubled)) culprit(wrong).doubled += 1
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Seconds from `at` to the first end among what began after it; none when nothing did. */
function firstAfter(spans: readonly { created: number; done: number }[], at: number): number[] {
  const ends = spans.filter(({ created }) => created >= at).map(({ done }) => done)
  // Not the first begun but the first done: work begun at one instant ends in any order.
  const first = ends.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY)
  return Number.isFinite(first) ? [(first - at) / 1_000] : []
}
