import type { AlertType, Tx } from '@servicedesk/db'
import { emitMany } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'

/** Something a person is to be told. */
export interface Notification {
  userId: number
  type: AlertType
  ticketId: number | null
  title: string
  message: string
  at: Date
  /** The `seq` of the ticket's event that it tells of: mails about later events replace those about earlier ones. */
  eventSeq?: number | undefined
  /** What its mail says, where this type is also mailed. */
  mail?: {
    template: string
    params: Record<string, unknown>
    /** This type is mailed to those only whose preferences ask for it. */
    isOnRequest?: boolean
  }
}

/**
 * Writes alerts and, where they are mailed, deliveries with the jobs that send them, in the caller's transaction.
 * A person's preferences decide per type; inactive people are told nothing.
 */
export async function notify(tx: Tx, notifications: readonly Notification[]): Promise<void> {
  if (notifications.length === 0) return
  const input = JSON.stringify(
    notifications.map((each) => ({
      user_id: each.userId,
      alert_type: each.type,
      ticket_id: each.ticketId,
      title: each.title,
      message: each.message,
      at: each.at,
      event_seq: each.eventSeq ?? null,
      template: each.mail?.template ?? null,
      mailed_by_default: each.mail?.isOnRequest !== true,
      params: each.mail?.params ?? {},
    })),
  )
  const deliveries = await tx.execute<{ id: string }>(sql`
    WITH input AS (
      SELECT e.*, u.email, coalesce(np.in_app, true) AS in_app, coalesce(np.email, e.mailed_by_default) AS by_mail
      FROM jsonb_to_recordset(${input}::jsonb) AS e(user_id bigint, alert_type text, ticket_id bigint, title text,
        message text, at timestamptz, event_seq int, template text,
        mailed_by_default boolean, params jsonb)
      JOIN users u ON u.id = e.user_id AND u.is_active
      LEFT JOIN notification_preferences np ON np.user_id = e.user_id AND np.alert_type = e.alert_type
    ), told AS (
      INSERT INTO alerts (user_id, ticket_id, alert_type, title, message, created_at)
      SELECT user_id, ticket_id, alert_type, title, message, at FROM input WHERE in_app
    )
    INSERT INTO email_deliveries (id, template, user_id, to_email, ticket_id, event_seq, params, status, created_at)
    SELECT uuidv7(), template, user_id, email, ticket_id, event_seq, params, 'queued', at
    FROM input WHERE by_mail AND template IS NOT NULL
    RETURNING id`)
  await emitMany(
    tx,
    'email.send',
    deliveries.map((row) => ({ delivery_id: row.id })),
  )
}

/** The ids of all active supervisors (not admins). */
export async function supervisorIds(tx: Tx): Promise<number[]> {
  const rows = await tx.execute<{ id: number }>(
    sql`SELECT id FROM users WHERE role = 'Technical Supervisor' AND is_active ORDER BY id`,
  )
  return rows.map((row) => row.id)
}
