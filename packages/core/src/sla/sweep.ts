import type { Tx } from '@servicedesk/db'
import type { ConfigurationCache } from '../config/configuration.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { recordBreaches } from './breach.ts'
import { anyClock, dueBy, lockClocksOf, nearBy, type Search } from './lock-due.ts'
import { recomputeTickets } from './recompute.ts'
import { recordWarnings } from './warning.ts'

/** Clocks in one transaction: enough that its round trips do not count, and done in well under a second. */
const BATCH = 2_000

export interface SweepDeps extends ServiceDeps {
  configuration: ConfigurationCache
}

/** What a sweep did. */
export interface Swept {
  breached: number
  warned: number
  /** Tickets whose clocks had yet to follow an edit of a policy or calendar, and were brought to it instead. */
  recomputed: number
}

export interface SweepResult extends Swept {
  /** A full batch: there may be more. */
  more: boolean
}

/**
 * One batch of the sweep: records what is due and, when that is all of it, what is near; each once, however many sweeps
 * run side by side (locked rows are skipped, and are the other sweep's or the next one's).
 */
export async function sweepBatch(
  tx: Tx,
  configuration: ConfigurationCache,
  now: Date,
  limit = BATCH,
): Promise<SweepResult> {
  const nothing = { breached: 0, warned: 0, recomputed: 0, more: false }
  // Mostly nothing is due, and to find that out should cost next to nothing.
  if (!(await anyClock(tx, [dueBy(now), nearBy(now)]))) return nothing
  const due = await record(recordBreaches, dueBy(now))
  if (due.many === limit)
    return { ...nothing, breached: due.ids.length, recomputed: due.edited.length, more: true }
  const { mail } = await configuration.get({ within: tx })
  const near = await record((...due) => recordWarnings(...due, mail), nearBy(now))
  return {
    breached: due.ids.length,
    warned: near.ids.length,
    recomputed: due.edited.length + near.edited.length,
    more: near.many === limit,
  }

  async function record(write: typeof recordBreaches, search: Search) {
    const found = await lockClocksOf(tx, search, limit)
    await write(tx, found.ids, now)
    // Read anew: the edit was found in the database, and what this process remembers may be older.
    if (found.edited.length > 0) {
      await recomputeTickets(tx, await configuration.get({ fresh: true, within: tx }), found.edited, now)
    }
    return found
  }
}

/** A whole sweep: batch by batch, each in a transaction of its own, until none is full. */
export async function sweep(deps: SweepDeps, limit = BATCH): Promise<Swept> {
  const sum = { breached: 0, warned: 0, recomputed: 0 }
  let result: SweepResult
  do {
    result = await transact(deps, (tx) => sweepBatch(tx, deps.configuration, deps.clock.now(), limit))
    sum.breached += result.breached
    sum.warned += result.warned
    sum.recomputed += result.recomputed
  } while (result.more)
  return sum
}
