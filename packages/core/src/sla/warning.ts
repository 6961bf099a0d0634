import { noteChanges, type Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { MailSettings } from '../mail/mail-settings.ts'
import { deliveryParts, oweMails, type WrittenMail } from '../mail/write-deliveries.ts'
import { type DueNotes, markClocks, notesOf, peopleTold, selectNotes } from './record-due.ts'

/**
 * Records that clocks, which the caller has locked with their tickets, came near their target: on the clock, in its log
 * and on the timeline; the assignee is alerted, and mailed where asked for. One statement for any number of clocks.
 */
export async function recordWarnings(
  tx: Tx,
  clockIds: readonly number[],
  now: Date,
  settings: MailSettings,
): Promise<void> {
  if (clockIds.length === 0) return
  const at = sql`${now.toISOString()}::timestamptz`
  const mark = { column: sql.raw('warned_at'), at, clockEvent: 'warn', ticketEvent: 'sla_warning' } as const
  const [notes] = await tx.execute<DueNotes & { mails: WrittenMail[] | null }>(sql`
    WITH ${markClocks(clockIds, mark, now)}, ${peopleTold('sla_warning', sql`SELECT assigned_to FROM due`)}, alerted AS (
      INSERT INTO alerts (user_id, ticket_id, alert_type, title, message, created_at)
      SELECT p.id, n.ticket_id, 'sla_warning', n.ref || ' is near its ' || n.metric_name || ' target', n.title, ${at}
      FROM noted n JOIN people p ON p.id = n.assigned_to AND p.in_app
      RETURNING id, user_id
    ), owed AS (
      SELECT row_number() OVER (ORDER BY n.ticket_id, n.event_seq) AS n, p.id AS user_id, p.email,
        'sla_warning' AS template, n.ticket_id, n.event_seq, ${at} AS at, jsonb_build_object('title', n.title,
          'priority', pr.name, 'metric', n.metric, 'due_at', n.due_iso) AS params, ${settings.groupSeconds > 0} AS is_grouped
      FROM noted n JOIN people p ON p.id = n.assigned_to AND p.by_mail JOIN priorities pr ON pr.id = n.priority_id
    ), ${deliveryParts}
    SELECT ${selectNotes}, (SELECT json_agg(json_build_object('id', id, 'is_grouped', is_grouped)) FROM mails) AS mails`)
  noteChanges(tx, notesOf(notes))
  await oweMails(tx, notes?.mails ?? [], settings)
}
