import type { Tx } from '@servicedesk/db'
import { emitMany } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'

const MAIL_LOCK = 7_301_009
const PAUSE_HOURS = 1

/**
 * Mails what is told of a dead letter to admins who asked for such mail, once an hour and kind of job, however many die.
 * Of a dead mail nothing is mailed: a desk that cannot send would owe another for each.
 */
export async function mailDeadLetter(
  tx: Tx,
  { job, message, now }: { job: string; message: string; now: Date },
): Promise<void> {
  if (job === 'email.send') return
  // Those that die at once look one after the other whether it was mailed.
  await tx.execute(sql`SELECT pg_advisory_xact_lock(${MAIL_LOCK})`)
  const at = sql`${now.toISOString()}::timestamptz`
  const heading = `Jobs fail for good: ${job}`
  const mails = await tx.execute<{ id: string }>(sql`
    INSERT INTO email_deliveries (id, template, user_id, to_email, params, status, created_at)
    SELECT uuidv7(), 'system', u.id, u.email,
      jsonb_build_object('heading', ${heading}::text, 'message', ${message}::text), 'queued', ${at}
    FROM users u JOIN notification_preferences np ON np.user_id = u.id AND np.alert_type = 'system' AND np.email
    WHERE u.role = 'System Admin' AND u.is_active AND NOT EXISTS (
      SELECT FROM email_deliveries d
      WHERE d.user_id = u.id AND d.template = 'system' AND d.params ->> 'heading' = ${heading}
        AND d.created_at > ${at} - make_interval(hours => ${PAUSE_HOURS}))
    RETURNING id`)
  await emitMany(
    tx,
    'email.send',
    mails.map(({ id }) => ({ delivery_id: id })),
  )
}
