import { type AlertType, noteChanges, runPrepared, type Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { isGroupable } from '../mail/grouping.ts'
import type { MailSettings } from '../mail/mail-settings.ts'
import { deliveryParts, oweMails, type WrittenMail } from '../mail/write-deliveries.ts'

/** Something a person is to be told. */
export interface Notification {
  userId: number
  type: AlertType
  ticketId: number | null
  title: string
  message: string
  at: Date
  /** The `seq` of the ticket's event that it tells of: mails leave in the order of these. */
  eventSeq?: number | undefined
  /** Only staff may know of it: neither alert nor mail says it to who is none any more. */
  isInternal?: boolean | undefined
  /** What its mail says; where it is absent, those who asked for mail of this type get title and message. */
  mail?: {
    template: string
    params: Record<string, unknown>
    /** It is mailed to those only whose preferences ask for mail of this type. */
    isOnRequest?: boolean
  }
}

/**
 * Writes alerts and, where they are mailed, deliveries with the jobs that send them, in the caller's transaction.
 * A person's preferences decide per type; inactive people are told nothing. Mails that can be grouped per person and
 * ticket join the one that waits.
 */
export async function notify(
  tx: Tx,
  notifications: readonly Notification[],
  settings: MailSettings,
): Promise<void> {
  if (notifications.length === 0) return
  const input = JSON.stringify(notifications.map((each, n) => ({ n, ...asInput(each, settings) })))
  const [written] = await runPrepared<Written>(
    tx,
    sql`
    WITH input AS (
      SELECT e.*, u.email, coalesce(np.in_app, true) AS in_app, coalesce(np.email, e.mailed_by_default) AS by_mail
      FROM jsonb_to_recordset(${input}::jsonb) AS e(n int, user_id bigint, alert_type text, ticket_id bigint, title text,
        message text, at timestamptz, event_seq int, template text, is_grouped boolean, mailed_by_default boolean,
        params jsonb, is_internal boolean)
      JOIN users u ON u.id = e.user_id AND u.is_active
      LEFT JOIN notification_preferences np ON np.user_id = e.user_id AND np.alert_type = e.alert_type
    ), told AS (
      INSERT INTO alerts (user_id, ticket_id, alert_type, title, message, is_internal, created_at)
      SELECT user_id, ticket_id, alert_type, title, message, is_internal, at FROM input WHERE in_app ORDER BY n
      RETURNING id, user_id
    ), owed AS (
      SELECT n, user_id, email, template, ticket_id, event_seq, at, params, is_grouped FROM input WHERE by_mail
    ), ${deliveryParts}
    SELECT (SELECT json_agg(json_build_object('id', id, 'userId', user_id)) FROM told) AS alerts,
      (SELECT json_agg(json_build_object('id', id, 'is_grouped', is_grouped)) FROM mails) AS mails`,
  )
  noteChanges(tx, { alerts: written?.alerts ?? [] })
  await oweMails(tx, written?.mails ?? [], settings)
}

/** What a statement of {@link notify} wrote. */
interface Written extends Record<string, unknown> {
  alerts: { id: number; userId: number }[] | null
  mails: WrittenMail[] | null
}

function asInput(each: Notification, { groupSeconds }: MailSettings): Record<string, unknown> {
  const { title, message, ticketId } = each
  const mail = each.mail ?? {
    template: ticketId === null ? 'system' : 'alert',
    params: { heading: title, message },
    isOnRequest: true,
  }
  return {
    user_id: each.userId,
    alert_type: each.type,
    ticket_id: ticketId,
    title,
    message,
    at: each.at,
    event_seq: each.eventSeq ?? null,
    template: mail.template,
    is_grouped: groupSeconds > 0 && ticketId !== null && isGroupable(mail.template),
    mailed_by_default: mail.isOnRequest !== true,
    is_internal: each.isInternal ?? false,
    params: { ...mail.params, ...(each.isInternal ? { internal: true } : {}) },
  }
}

/** The ids of all active supervisors (not admins). */
export async function supervisorIds(tx: Tx): Promise<number[]> {
  const rows = await tx.execute<{ id: number }>(
    sql`SELECT id FROM users WHERE role = 'Technical Supervisor' AND is_active ORDER BY id`,
  )
  return rows.map((row) => row.id)
}
