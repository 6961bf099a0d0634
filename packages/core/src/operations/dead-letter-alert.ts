import { noteChanges, outbox, type Tx } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import { mailDeadLetter } from './dead-letter-mail.ts'
import { failSubject } from './dead-letter-subject.ts'

const SHOWN = 500

/**
 * Tells every admin of a row that became a dead letter, and what it was about that it has failed. When thousands die
 * at once an admin gets one alert a job name, which counts them for as long as it is unread and is the newest again with
 * each, and by mail, where asked for, a word an hour. A row that was retried in the meantime is told of too: it had died.
 */
export async function alertDeadLetter(tx: Tx, outboxId: string, now: Date): Promise<void> {
  const [row] = await tx
    .select({
      name: outbox.name,
      payload: outbox.payload,
      failedAt: outbox.failedAt,
      lastError: outbox.lastError,
    })
    .from(outbox)
    .where(eq(outbox.id, outboxId))
    .for('update')
  // Edited away by hand.
  if (row === undefined) return
  const reason = row.lastError ?? 'unknown'
  if (row.failedAt !== null) await failSubject(tx, row, { reason, now })
  const name = row.name.slice(0, 100)
  const message =
    row.failedAt === null
      ? 'It was retried before this alert was written.'
      : `${reason.slice(0, SHOWN)}. See GET /api/v1/admin/jobs/dead; it can be retried there.`
  // In the order of ids, so that two of these never wait for each other.
  const told = await tx.execute<{ id: number; user_id: number; occurrences: number }>(sql`
    INSERT INTO alerts (user_id, alert_type, title, message, created_at, group_key)
    SELECT u.id, 'system', ${`A job failed for good: ${name}`}, ${message}, ${now.toISOString()}::timestamptz,
      ${`dead-letter:${name}`}
    FROM users u LEFT JOIN notification_preferences np ON np.user_id = u.id AND np.alert_type = 'system'
    WHERE u.role = 'System Admin' AND u.is_active AND coalesce(np.in_app, true)
    ORDER BY u.id
    ON CONFLICT (user_id, group_key) WHERE NOT is_read AND group_key IS NOT NULL
    DO UPDATE SET occurrences = alerts.occurrences + 1, message = excluded.message,
      created_at = greatest(alerts.created_at, excluded.created_at),
      title = (alerts.occurrences + 1) || ${` jobs failed for good: ${name}`}
    RETURNING id, user_id, occurrences`)
  await mailDeadLetter(tx, { job: name, message, now })
  noteChanges(tx, {
    alerts: told.map(({ id, user_id, occurrences }) => ({ id, userId: user_id, occurrences })),
  })
}
