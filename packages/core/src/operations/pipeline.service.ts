import type { Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'

/** How far the work behind the tickets has come, as counted in PostgreSQL. */
export interface PipelineFigures extends Record<string, unknown> {
  owed: number
  dead: number
  done: number
  oldest_owed_seconds: number | null
  mails_queued: number
  mails_sent: number
  mails_failed: number
  mails_discarded: number
  thumbnails_pending: number
  thumbnails_ready: number
  thumbnails_failed: number
  tickets_waiting: number
  breaches: number
}

const TICKETS_WAITING = sql`SELECT count(*) FROM tickets WHERE assigned_to IS NULL AND deleted_at IS NULL
  AND status_class IN ('new', 'open', 'pending')`

/** Counts for operators and for the replay's closing summary. */
export function createPipelineService(deps: { db: Database }) {
  return {
    async figures(): Promise<PipelineFigures> {
      const [row] = await deps.db.execute<PipelineFigures>(sql`
        SELECT
          (SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL) AS owed,
          (SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL) AS dead,
          (SELECT count(*) FROM outbox WHERE done_at IS NOT NULL) AS done,
          (SELECT extract(epoch FROM now() - min(available_at))::float8 FROM outbox
            WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= now()) AS oldest_owed_seconds,
          (SELECT count(*) FROM email_deliveries WHERE status IN ('queued', 'sending')) AS mails_queued,
          (SELECT count(*) FROM email_deliveries WHERE status = 'sent') AS mails_sent,
          (SELECT count(*) FROM email_deliveries WHERE status = 'failed') AS mails_failed,
          (SELECT count(*) FROM email_deliveries WHERE status = 'discarded') AS mails_discarded,
          (SELECT count(*) FROM attachments WHERE thumbnail = 'pending' AND deleted_at IS NULL) AS thumbnails_pending,
          (SELECT count(*) FROM attachments WHERE thumbnail = 'ready') AS thumbnails_ready,
          (SELECT count(*) FROM attachments WHERE thumbnail = 'failed') AS thumbnails_failed,
          (${TICKETS_WAITING}) AS tickets_waiting,
          (SELECT count(*) FROM sla_clocks WHERE breached_at IS NOT NULL) AS breaches`)
      if (row === undefined) throw new Error('the count returned no row')
      return row
    },

    /** Active tickets that nobody has. */
    async ticketsWaiting(): Promise<number> {
      const [row] = await deps.db.execute<{ many: number }>(sql`SELECT (${TICKETS_WAITING}) AS many`)
      return row?.many ?? 0
    },
  }
}

export type PipelineService = ReturnType<typeof createPipelineService>
