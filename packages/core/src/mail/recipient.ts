import { type emailDeliveries, runPrepared, type Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { canSeeTicket } from '../policy/policy.ts'
import { isStaff, type RoleName } from '../policy/roles.ts'

type Delivery = typeof emailDeliveries.$inferSelect

/** Whom a mail is for and what it is about, as they are at the moment of sending. */
export interface Recipient {
  name: string
  isActive: boolean
  isStaff: boolean
  /** The delivery's ticket; null for mail about none. */
  ticket: { title: string; isVisible: boolean } | null
}

interface Row extends Record<string, unknown> {
  name: string
  role: RoleName
  is_active: boolean
  title: string | null
  is_deleted: boolean
  created_by: number
  is_watcher: boolean
}

/** Reads them; undefined for a delivery to an address without an account. */
export async function readRecipient(tx: Tx, { userId, ticketId }: Delivery): Promise<Recipient | undefined> {
  if (userId === null) return undefined
  const [row] = await runPrepared<Row>(
    tx,
    sql`
    SELECT u.name, u.role, u.is_active, t.title, t.deleted_at IS NOT NULL AS is_deleted, t.created_by,
      EXISTS (SELECT FROM ticket_watchers w WHERE w.ticket_id = t.id AND w.user_id = u.id) AS is_watcher
    FROM users u LEFT JOIN tickets t ON t.id = ${ticketId}::bigint
    WHERE u.id = ${userId}::bigint`,
  )
  if (row === undefined) return undefined
  const facts = { createdBy: row.created_by, isWatcher: row.is_watcher, isDeleted: row.is_deleted }
  const isVisible = !row.is_deleted && canSeeTicket({ id: userId, role: row.role }, facts)
  return {
    name: row.name,
    isActive: row.is_active,
    isStaff: isStaff(row.role),
    ticket: row.title === null ? null : { title: row.title, isVisible },
  }
}

/** Why nothing may be sent now, whatever it says; undefined when it may. */
export function obstacleTo(recipient: Recipient | undefined): string | undefined {
  if (recipient === undefined) return undefined
  if (!recipient.isActive) return 'not sent: the account is not active any more'
  if (recipient.ticket?.isVisible === false) return 'not sent: the recipient may not see the ticket any more'
  return undefined
}
