import { type Channel, channel } from 'node:diagnostics_channel'

/**
 * The moments between which a death must lose nothing and do nothing twice, in the order in which a job passes them.
 * Nobody listens in production; the fault harness kills and stops processes exactly there.
 */
export const MILESTONES = [
  /** A change has committed; the rows it owes are not yet handed to a queue. */
  'committed',
  /** A relay has leased rows; nothing is in Redis yet. */
  'leased',
  /** Rows are in Redis; `dispatched_at` is not yet written. */
  'enqueued',
  /** A handler's effect and `done_at` are written and not yet committed. */
  'effect',
  /** They are committed; BullMQ does not know yet. */
  'done',
] as const

export type Milestone = (typeof MILESTONES)[number]

/** The diagnostics channel on which a milestone is published, synchronously, with the jobs' names. */
export const milestoneChannel = (milestone: Milestone): string => `servicedesk.outbox.${milestone}`

const channels = Object.fromEntries(
  MILESTONES.map((each) => [each, channel(milestoneChannel(each))]),
) as Record<Milestone, Channel>

/** Says that this process has come to a milestone with so many rows. Costs a property read when nobody listens. */
export function reached(milestone: Milestone, rows: readonly { name: string }[]): void {
  if (channels[milestone].hasSubscribers && rows.length > 0) {
    channels[milestone].publish({ names: rows.map((row) => row.name) })
  }
}
