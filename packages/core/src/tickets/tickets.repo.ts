import { defineStatement, type Executor, type StatusClass, type Tx, toDate } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { TicketFacts } from '../policy/policy.ts'
import { ALL_OF_CLOCKS, selectTicketRows, type TicketRow } from './ticket-rows.ts'

const p = sql.placeholder

export interface TicketWithFacts extends TicketRow {
  status_class: StatusClass
  deleted_at: string | null
  is_watcher: boolean
}

const getTicket = defineStatement<{ id: number; viewer: number }, TicketWithFacts>(
  'get_ticket',
  sql`SELECT shown.*, t.status_class, t.deleted_at,
      EXISTS (SELECT 1 FROM ticket_watchers w WHERE w.ticket_id = t.id AND w.user_id = ${p('viewer')}::bigint) AS is_watcher
    FROM (${selectTicketRows(sql`SELECT *, '' AS sort_key FROM tickets WHERE id = ${p('id')}::bigint`, sql`t.id`, ALL_OF_CLOCKS)}) shown
    JOIN tickets t ON t.id = shown.id`,
)

/** A ticket as it is shown, with what decides who may see it. */
export async function findTicket(
  db: Executor,
  id: number,
  viewer: number,
): Promise<TicketWithFacts | undefined> {
  const [row] = await getTicket.run(db, { id, viewer })
  return row
}

/** What the rules ask of a shown ticket. */
export function factsOf(row: TicketWithFacts): TicketFacts {
  return {
    createdBy: row.created_by,
    isWatcher: row.is_watcher,
    statusClass: row.status_class,
    statusName: row.status,
    isDeleted: row.deleted_at !== null,
  }
}

/** A ticket's row as a change needs it. */
export interface LockedTicket extends TicketFacts {
  id: number
  title: string
  description: string
  statusId: number
  priorityId: number
  categoryId: number
  teamId: number | null
  assignedTo: number | null
  firstResponseAt: Date | null
  resolvedAt: Date | null
  closedAt: Date | null
  version: number
}

/** Locks a ticket's row until the transaction ends; undefined when there is none. */
export async function lockTicket(tx: Tx, id: number, viewer: number): Promise<LockedTicket | undefined> {
  const [row] = await tx.execute<{
    id: number
    title: string
    description: string
    status_id: number
    status_class: StatusClass
    status: string
    priority_id: number
    category_id: number
    team_id: number | null
    assigned_to: number | null
    created_by: number
    first_response_at: string | null
    resolved_at: string | null
    closed_at: string | null
    deleted_at: string | null
    version: number
    is_watcher: boolean
  }>(sql`
    SELECT t.id, t.title, t.description, t.status_id, t.status_class,
      -- Not a join: one row that waited for its lock would be compared with the old status and be lost.
      (SELECT s.name FROM statuses s WHERE s.id = t.status_id) AS status, t.priority_id, t.category_id,
      t.team_id, t.assigned_to, t.created_by, t.first_response_at, t.resolved_at, t.closed_at, t.deleted_at, t.version,
      EXISTS (SELECT 1 FROM ticket_watchers w WHERE w.ticket_id = t.id AND w.user_id = ${viewer}) AS is_watcher
    FROM tickets t WHERE t.id = ${id} FOR NO KEY UPDATE OF t`)
  if (row === undefined) return undefined
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    statusId: row.status_id,
    statusClass: row.status_class,
    statusName: row.status,
    priorityId: row.priority_id,
    categoryId: row.category_id,
    teamId: row.team_id,
    assignedTo: row.assigned_to,
    createdBy: row.created_by,
    firstResponseAt: toDate(row.first_response_at),
    resolvedAt: toDate(row.resolved_at),
    closedAt: toDate(row.closed_at),
    isDeleted: row.deleted_at !== null,
    isWatcher: row.is_watcher,
    version: row.version,
  }
}

/** The users besides the creator who follow a ticket. */
export async function watcherIds(tx: Tx, ticketId: number): Promise<number[]> {
  const rows = await tx.execute<{ id: number }>(
    sql`SELECT user_id AS id FROM ticket_watchers WHERE ticket_id = ${ticketId} ORDER BY user_id`,
  )
  return rows.map((row) => row.id)
}
