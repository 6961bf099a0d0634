import type { ClockState, Metric, Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { Configuration } from '../config/configuration.ts'
import { editedTarget } from './targets.ts'
import { type ClockTicket, changeClocks } from './ticket-clocks.ts'

/** Tickets that are looked at in one transaction. */
const BATCH = 1_000

export interface Recomputed {
  /** Open tickets that were looked at. */
  seen: number
  /** Those whose clocks were moved. */
  moved: number
  /** Where the next batch goes on; null after the last. */
  next: number | null
}

/**
 * Brings the clocks of open tickets, in the order of their ids, to the policies and calendars in force: elapsed time is
 * kept, due times move. Only tickets whose clocks differ are locked, and whoever changes a clock in the meantime has
 * brought it there already.
 * @param configuration read in this transaction, because the edit may be a moment old
 * @param after the last ticket of the batch before; 0 to begin
 */
export async function recomputeBatch(
  tx: Tx,
  configuration: Configuration,
  after: number,
  now: Date,
  limit = BATCH,
): Promise<Recomputed> {
  const ids = await openTickets(tx, after, limit)
  const stale = await staleTickets(tx, configuration, ids)
  if (stale.length > 0) await recomputeTickets(tx, configuration, stale, now)
  return { seen: ids.length, moved: stale.length, next: ids.length < limit ? null : (ids.at(-1) ?? null) }
}

/**
 * Brings the clocks of these tickets to the policies and calendars in force.
 * @param configuration read in this transaction
 */
export async function recomputeTickets(
  tx: Tx,
  configuration: Configuration,
  ticketIds: readonly number[],
  now: Date,
): Promise<void> {
  const locked = await lockTickets(tx, ticketIds)
  await changeClocks(tx, configuration, locked, { kind: 'edited' }, now)
}

async function openTickets(tx: Tx, after: number, limit: number): Promise<number[]> {
  const rows = await tx.execute<{ id: number }>(sql`
    SELECT id FROM tickets
    WHERE id > ${after} AND deleted_at IS NULL AND status_class IN ('new', 'open', 'pending')
    ORDER BY id LIMIT ${limit}`)
  return rows.map((row) => row.id)
}

interface HeldClock extends Record<string, unknown> {
  ticket_id: number
  priority_id: number
  category_id: number
  team_id: number | null
  metric: Metric
  state: ClockState
  policy_id: number
  target_seconds: number
  warn_percent: number
  calendar_version_id: number
}

async function staleTickets(tx: Tx, configuration: Configuration, ids: readonly number[]): Promise<number[]> {
  const rows = await tx.execute<HeldClock>(sql`
    SELECT k.ticket_id, t.priority_id, t.category_id, t.team_id, k.metric, k.state, k.policy_id, k.target_seconds,
      k.warn_percent, k.calendar_version_id
    FROM sla_clocks k JOIN tickets t ON t.id = k.ticket_id
    WHERE k.ticket_id = ANY (string_to_array(${ids.join(',')}, ',')::bigint[]) AND k.state <> 'stopped'`)
  const isStale = (row: HeldClock) => {
    const subject = { priorityId: row.priority_id, categoryId: row.category_id, teamId: row.team_id }
    const clock = {
      metric: row.metric,
      state: row.state,
      policyId: row.policy_id,
      targetSeconds: row.target_seconds,
      warnPercent: row.warn_percent,
      calendarVersionId: row.calendar_version_id,
    }
    return editedTarget(configuration, subject, clock) !== undefined
  }
  return [...new Set(rows.filter(isStale).map((row) => row.ticket_id))]
}

/** In the order of their ids, as everybody who locks several does. */
async function lockTickets(tx: Tx, ids: readonly number[]): Promise<ClockTicket[]> {
  const rows = await tx.execute<{
    id: number
    title: string
    priority: string
    assigned_to: number | null
    priority_id: number
    category_id: number
    team_id: number | null
  }>(sql`
    SELECT t.id, t.title, (SELECT p.name FROM priorities p WHERE p.id = t.priority_id) AS priority, t.assigned_to,
      t.priority_id, t.category_id, t.team_id
    FROM tickets t WHERE t.id = ANY (string_to_array(${ids.join(',')}, ',')::bigint[])
    ORDER BY t.id FOR NO KEY UPDATE`)
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    priority: row.priority,
    assignedTo: row.assigned_to,
    priorityId: row.priority_id,
    categoryId: row.category_id,
    teamId: row.team_id,
  }))
}
