import type { ClockState, Metric, StatusClass, Tx } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import type { Configuration } from '../config/configuration.ts'
import { matchPolicy } from './match-policy.ts'
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
  const locked = await lockWithoutDeadlock(tx, stale)
  if (locked.length > 0) await changeClocks(tx, configuration, locked, { kind: 'edited' }, now)
  const [busy] = stale.filter((id) => !locked.some((ticket) => ticket.id === id))
  const last = ids.length < limit ? null : (ids.at(-1) ?? null)
  return { seen: ids.length, moved: locked.length, next: busy === undefined ? last : busy - 1 }
}

/**
 * Waits for the first only, while it holds nothing: others lock several tickets in orders of their own, the most urgent
 * first. Those that somebody else has are left to the next batch, which begins with them.
 */
async function lockWithoutDeadlock(tx: Tx, [first, ...rest]: readonly number[]): Promise<ClockTicket[]> {
  if (first === undefined) return []
  return [...(await lockTickets(tx, [first])), ...(await lockTickets(tx, rest, sql`SKIP LOCKED`))]
}

/**
 * Brings the clocks of these tickets, which the caller has locked, to the policies and calendars in force.
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
  /** Null, as all that follows, for a ticket without clocks. */
  metric: Metric | null
  state: ClockState
  policy_id: number
  target_seconds: number
  warn_percent: number
  calendar_version_id: number
}

async function staleTickets(tx: Tx, configuration: Configuration, ids: readonly number[]): Promise<number[]> {
  const rows = await tx.execute<HeldClock>(sql`
    SELECT t.id AS ticket_id, t.priority_id, t.category_id, t.team_id, k.metric, k.state, k.policy_id, k.target_seconds,
      k.warn_percent, k.calendar_version_id
    FROM tickets t LEFT JOIN sla_clocks k ON k.ticket_id = t.id
    WHERE t.id = ANY (string_to_array(${ids.join(',')}, ',')::bigint[])
    ORDER BY t.id`)
  const isStale = (row: HeldClock) => {
    const subject = { priorityId: row.priority_id, categoryId: row.category_id, teamId: row.team_id }
    if (row.metric === null) return matchPolicy(configuration.policies, subject) !== undefined
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

async function lockTickets(tx: Tx, ids: readonly number[], others: SQL = sql``): Promise<ClockTicket[]> {
  const rows = await tx.execute<{
    id: number
    title: string
    priority: string
    assigned_to: number | null
    status_class: StatusClass
    priority_id: number
    category_id: number
    team_id: number | null
  }>(sql`
    SELECT t.id, t.title, (SELECT p.name FROM priorities p WHERE p.id = t.priority_id) AS priority, t.assigned_to,
      t.status_class, t.priority_id, t.category_id, t.team_id
    FROM tickets t WHERE t.id = ANY (string_to_array(${ids.join(',')}, ',')::bigint[])
    ORDER BY t.id FOR NO KEY UPDATE ${others}`)
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    priority: row.priority,
    assignedTo: row.assigned_to,
    statusClass: row.status_class,
    priorityId: row.priority_id,
    categoryId: row.category_id,
    teamId: row.team_id,
  }))
}
