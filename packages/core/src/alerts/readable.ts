import { alerts } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { isAdmin, isStaff } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'

/** Alerts that requesters get; the others tell of the desk's work, and nobody reads them who has left it. */
const FOR_REQUESTERS = sql.raw(`('status_change', 'new_message', 'mention', 'file_rejected')`)

/** Of the row of an alert: that its person, being a requester, may know of it now. */
export const isForRequester = sql`NOT ${alerts.isInternal} AND ${alerts.alertType} IN ${FOR_REQUESTERS}
  AND EXISTS (SELECT FROM tickets t WHERE t.id = ${alerts.ticketId} AND t.deleted_at IS NULL AND (t.created_by = ${alerts.userId}
    OR EXISTS (SELECT FROM ticket_watchers w WHERE w.ticket_id = t.id AND w.user_id = ${alerts.userId})))`

/** What a person may read of their alerts with the role that they have now; undefined for all. */
export function readableBy(actor: Pick<Actor, 'role'>): SQL | undefined {
  if (!isStaff(actor.role)) return isForRequester
  return isAdmin(actor.role) ? undefined : sql`${alerts.alertType} <> 'system'`
}
