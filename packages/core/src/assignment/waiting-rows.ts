import { defineStatement, type StatusClass, type Tx, toDate } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import type { Clock } from '../shared/ports.ts'
import type { AssignmentSettings } from './assignment-settings.ts'
import type { WaitingTicket } from './choose.ts'
import { countsAgainstCap } from './load.ts'

/** A ticket that is to be assigned, with what those who are told of it read. */
export interface WaitingRow extends Record<string, unknown> {
  id: number
  title: string
  priority: string
  team_id: number | null
  category_id: number
  passed_over: number | null
  status_class: StatusClass
  created_at: string
  due_at: string | null
}

const anyWaiting = defineStatement<Record<string, never>, { any: boolean }>(
  'any_waiting',
  sql`SELECT EXISTS (SELECT 1 FROM tickets t WHERE t.assigned_to IS NULL AND t.deleted_at IS NULL
    AND t.status_class IN ('new', 'open', 'pending')) AS any`,
)

/** Whether a ticket waits for an agent, as far as committed: without the lock, which whoever assigns right now holds. */
export async function isAnyWaiting(tx: Tx): Promise<boolean> {
  const [row] = await anyWaiting.run(tx, {})
  return row?.any === true
}

/** Waiting tickets that somebody in one of these teams, or in any, could take; the others must not fill the batch. */
export async function lockWaiting(tx: Tx, teams: string, limit: number): Promise<WaitingRow[]> {
  const waits = sql`t.assigned_to IS NULL AND t.deleted_at IS NULL AND t.status_class IN ('new', 'open', 'pending')
    AND (t.team_id IS NULL OR t.team_id = ANY (string_to_array(${teams}, ',')::bigint[]))`
  // The first of each priority from the index's order: sorting all that wait for every batch takes most of its time.
  const first = sql`SELECT f.id FROM priorities p CROSS JOIN LATERAL (
      SELECT t.id, t.created_at FROM tickets t WHERE t.priority_id = p.id AND ${waits}
      ORDER BY t.created_at, t.id LIMIT ${limit}
    ) f
    ORDER BY p.rank, f.created_at, f.id LIMIT ${limit}`
  // Asked again when a row is locked: somebody may have closed it meanwhile.
  return lockRows(tx, sql`t.id IN (${first}) AND ${waits}`)
}

/** One ticket as the engine sees it, whoever has it. */
export async function lockWaitingRow(tx: Tx, id: number): Promise<WaitingRow | undefined> {
  const [row] = await lockRows(tx, sql`t.id = ${id}`)
  return row
}

/** Most urgent first. */
async function lockRows(tx: Tx, condition: SQL): Promise<WaitingRow[]> {
  return tx.execute<WaitingRow>(sql`
    SELECT t.id, t.title, p.name AS priority, t.team_id, t.category_id, t.passed_over, t.status_class, t.created_at,
      k.due_at
    FROM tickets t JOIN priorities p ON p.id = t.priority_id
    LEFT JOIN sla_clocks k ON k.ticket_id = t.id AND k.metric = 'resolution'
    WHERE ${condition}
    ORDER BY p.rank, t.created_at, t.id
    FOR UPDATE OF t`)
}

/** The row as the strategies take it. */
export function asWaiting(row: WaitingRow, settings: AssignmentSettings): WaitingTicket {
  return {
    id: row.id,
    teamId: row.team_id,
    categoryId: row.category_id,
    passedOver: row.passed_over,
    counts: countsAgainstCap(row.status_class, settings),
  }
}

/**
 * When the tickets that were found are assigned: read after the wait for the lock, in which some of them were created,
 * and not before any of them even when the host that created it is ahead.
 */
export function afterCreation(clock: Clock, waiting: readonly WaitingRow[]): Date {
  const created = waiting.map((row) => toDate(row.created_at).getTime())
  return new Date(Math.max(clock.now().getTime(), ...created))
}
