import type { Tx } from '@servicedesk/db'
import { emitMany } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'
import { MOST_ITEMS, UPDATE_TEMPLATE } from './grouping.ts'
import type { MailSettings } from './mail-settings.ts'

/**
 * The parts of a statement that write deliveries: of each row of its part
 * `owed (n, user_id, email, template, ticket_id, event_seq, at, params, is_grouped)`, which are in order of `n`, one of
 * its own, or for grouped ones one a person and ticket. Where a delivery of the same person and ticket is still open,
 * grouped things join it: two writers at once take turns at its row, and one that finds it claimed meanwhile makes a
 * new one. `mails` has what owes a job: `id, is_grouped`.
 */
export const deliveryParts = sql.raw(`single AS (
      INSERT INTO email_deliveries (id, template, user_id, to_email, ticket_id, event_seq, params, status, created_at)
      SELECT uuidv7(), template, user_id, email, ticket_id, event_seq, params, 'queued', at
      FROM owed WHERE NOT is_grouped ORDER BY n
      RETURNING id
    ), grouped AS (
      INSERT INTO email_deliveries AS d (id, template, user_id, to_email, ticket_id, event_seq, params, items, is_open,
        status, created_at)
      SELECT uuidv7(), CASE WHEN count(DISTINCT template) = 1 THEN min(template) ELSE '${UPDATE_TEMPLATE}' END, user_id,
        min(email), ticket_id, min(event_seq), '{}', jsonb_agg(jsonb_build_object('template', template, 'event_seq',
          event_seq, 'at', at, 'params', params) ORDER BY n), true, 'queued', min(at)
      FROM owed WHERE is_grouped GROUP BY ticket_id, user_id ORDER BY ticket_id, user_id
      ON CONFLICT (ticket_id, user_id) WHERE is_open DO UPDATE SET
        template = CASE WHEN d.template = excluded.template THEN d.template ELSE '${UPDATE_TEMPLATE}' END,
        items = (
          SELECT jsonb_agg(item ORDER BY place) FROM (
            SELECT item, place FROM jsonb_array_elements(d.items || excluded.items) WITH ORDINALITY AS e(item, place)
            ORDER BY place DESC LIMIT ${MOST_ITEMS}
          ) newest
        ),
        earlier_items = d.earlier_items
          + greatest(jsonb_array_length(d.items) + jsonb_array_length(excluded.items) - ${MOST_ITEMS}, 0)
      RETURNING d.id, old.id IS NULL AS is_new
    ), mails AS (
      SELECT id, false AS is_grouped FROM single UNION ALL SELECT id, true FROM grouped WHERE is_new
    )`)

/** A delivery that owes its job. */
export interface WrittenMail {
  id: string
  is_grouped: boolean
}

/** Owes the jobs of written deliveries: at once, or for groups when their time is over. */
export async function oweMails(
  tx: Tx,
  mails: readonly WrittenMail[],
  { groupSeconds }: MailSettings,
): Promise<void> {
  const jobs = (isGrouped: boolean) =>
    mails.filter((mail) => mail.is_grouped === isGrouped).map(({ id }) => ({ delivery_id: id }))
  await emitMany(tx, 'email.send', jobs(false))
  await emitMany(tx, 'email.send', jobs(true), { delaySeconds: groupSeconds })
}
