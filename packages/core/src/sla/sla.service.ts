import { type Database, type Metric, toDate } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import type { ClockDetail } from '../tickets/ticket-view.ts'
import type { TicketService } from '../tickets/tickets.service.ts'

/** An entry of a clock's log. */
export interface ClockLogEntry {
  seq: number
  type: string
  at: string
  data: Record<string, unknown>
}

/** A clock with its log, from which its state can be rebuilt. */
export interface ClockWithLog extends ClockDetail {
  metric: Metric
  calendar: string | null
  warning_percent: number
  warn_at: string | null
  paused_at: string | null
  warned_at: string | null
  stopped_at: string | null
  events: ClockLogEntry[]
}

interface Row extends Record<string, unknown> {
  metric: Metric
  calendar: string | null
  warn_percent: number
  warn_at: string | null
  paused_at: string | null
  warned_at: string | null
  stopped_at: string | null
  events: ClockLogEntry[]
}

const iso = (text: string | null) => toDate(text)?.toISOString() ?? null

/** What the promises of a ticket are and how they came to be. */
export function createSlaService(deps: { db: Database; tickets: Pick<TicketService, 'get'> }) {
  return {
    /**
     * Both clocks of a ticket with their logs, for whoever may see the ticket.
     * @throws DomainError 404
     */
    async clocks(actor: Actor, ticketId: number): Promise<{ ticket_id: string; clocks: ClockWithLog[] }> {
      const ticket = await deps.tickets.get(actor, ticketId)
      const rows = await deps.db.execute<Row>(sql`
        SELECT k.metric, c.name AS calendar, k.warn_percent, k.warn_at, k.paused_at, k.warned_at, k.stopped_at,
          (SELECT json_agg(json_build_object('seq', e.seq, 'type', e.type, 'at', e.at, 'data', e.data) ORDER BY e.seq)
            FROM sla_clock_events e WHERE e.clock_id = k.id) AS events
        FROM sla_clocks k JOIN calendar_versions v ON v.id = k.calendar_version_id
        LEFT JOIN calendars c ON c.id = v.calendar_id
        WHERE k.ticket_id = ${ticketId} ORDER BY k.metric`)
      const clocks = rows.flatMap((row) => {
        const detail = ticket.sla[row.metric]
        if (detail === null) return []
        const { metric, calendar } = row
        return {
          metric,
          ...detail,
          calendar,
          warning_percent: row.warn_percent,
          warn_at: iso(row.warn_at),
          paused_at: iso(row.paused_at),
          warned_at: iso(row.warned_at),
          stopped_at: iso(row.stopped_at),
          events: row.events.map((event) => ({ ...event, at: new Date(event.at).toISOString() })),
        }
      })
      return { ticket_id: ticket.ticket_id, clocks }
    },
  }
}
