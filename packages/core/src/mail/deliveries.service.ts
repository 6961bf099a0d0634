import { type DeliveryStatus, toDate } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { type ListDeps, type PageRequest, pageOf } from '../shared/page.ts'
import { ticketRef } from '../tickets/ticket-id.ts'

interface DeliveryRow extends Record<string, unknown> {
  id: string
  template: string
  user_id: number | null
  to_email: string
  ticket_id: number | null
  event_seq: number | null
  status: DeliveryStatus
  attempts: number
  last_error: string | null
  created_at: string
  sending_at: string | null
  sent_at: string | null
}

const isoOf = (text: string | null) => toDate(text)?.toISOString() ?? null

/** What became of a mail; never what it says, nor a token. */
function deliveryView(row: DeliveryRow) {
  return {
    id: row.id,
    template: row.template,
    user_id: row.user_id,
    to_email: row.to_email,
    ticket_id: row.ticket_id === null ? null : ticketRef(row.ticket_id),
    event_seq: row.event_seq,
    status: row.status,
    attempts: row.attempts,
    reason: row.last_error,
    created_at: toDate(row.created_at).toISOString(),
    sending_at: isoOf(row.sending_at),
    sent_at: isoOf(row.sent_at),
  }
}

/** Mails that are owed, were sent or were not, for admins. */
export function createDeliveryService(deps: ListDeps) {
  const { db } = deps

  return {
    /** Newest first: their ids are uuid v7. @throws DomainError 400 for a page or cursor that does not fit */
    async list(request: PageRequest & { statuses?: readonly DeliveryStatus[] | undefined }) {
      const statuses = request.statuses === undefined ? undefined : [...new Set(request.statuses)].sort()
      const wanted = statuses?.map((status) => sql`${status}`)
      const matching = sql`FROM email_deliveries
        WHERE ${wanted === undefined ? sql`true` : sql`status IN (${sql.join(wanted, sql`, `)})`}`
      const { rows, pagination } = await pageOf<DeliveryRow>(deps, request, {
        filter: { list: 'email-deliveries', statuses },
        matching,
        placeOf: (row) => [row.id],
        rows: (limit, offset, after) =>
          db.execute<DeliveryRow>(sql`
            SELECT id, template, user_id, to_email, ticket_id, event_seq, status, attempts, last_error, created_at,
              sending_at, sent_at
            ${matching} ${after === undefined ? sql`` : sql`AND id < ${after[0]}::uuid`}
            ORDER BY id DESC LIMIT ${limit} OFFSET ${offset}`),
      })
      return { deliveries: rows.map(deliveryView), pagination }
    },
  }
}
