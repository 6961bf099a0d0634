import { defineStatement, type Executor } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { LISTED_CLOCKS, type ListedTicket, selectTicketRows } from '../tickets/ticket-rows.ts'
import { listedTicket, type TicketView } from '../tickets/ticket-view.ts'
import { IS_ACTIVE } from './facts.ts'
import { hours } from './numbers.ts'

export const AGE_RANGES = ['0-24h', '24-48h', '48-72h', '72h+'] as const
export type AgeRange = (typeof AGE_RANGES)[number]

/** How long open tickets have been open, in real hours. */
export interface TicketAging {
  aging_data: { age_range: AgeRange; count: number }[]
  /** Of each range the oldest, at most 50. */
  buckets: Record<AgeRange, (TicketView & { hours_old: number })[]>
  total_open_tickets: number
  /** Null without an open ticket. */
  average_age_hours: number | null
}

/** Tickets of a range that are shown. */
const MOST_SHOWN = 50

const p = sql.placeholder
const NOW = sql`${p('now')}::timestamptz`
const hoursAgo = (hours: number) => sql`(${NOW} - interval '${sql.raw(String(hours))} hours')`

/** Exactly a day old is in the second range; what a fast clock dates in the future is new. */
const IN_RANGE: Record<AgeRange, SQL> = {
  '0-24h': sql`t.created_at > ${hoursAgo(24)}`,
  '24-48h': sql`t.created_at <= ${hoursAgo(24)} AND t.created_at > ${hoursAgo(48)}`,
  '48-72h': sql`t.created_at <= ${hoursAgo(48)} AND t.created_at > ${hoursAgo(72)}`,
  '72h+': sql`t.created_at <= ${hoursAgo(72)}`,
}

type Counts = Record<AgeRange, number> & { total: number; age_ms: number | null }

const countStatement = defineStatement<{ now: string }, Counts>(
  'ticket_ages',
  sql`
  SELECT ${sql.join(
    AGE_RANGES.map(
      (range) => sql`(count(*) FILTER (WHERE ${IN_RANGE[range]}))::int AS ${sql.identifier(range)}`,
    ),
    sql`, `,
  )}, count(*)::int AS total,
    sum(round(greatest(extract(epoch FROM ${NOW} - t.created_at), 0) * 1000))::bigint AS age_ms
  FROM tickets t WHERE ${IS_ACTIVE}`,
)

const shownStatement = defineStatement<{ now: string }, ListedTicket & { range: AgeRange }>(
  'ticket_ages_shown',
  selectTicketRows(
    sql.join(
      AGE_RANGES.map(
        (range) => sql`(SELECT t.*, ${sql.raw(`'${range}'`)}::text AS sort_key FROM tickets t
          WHERE ${IS_ACTIVE} AND ${IN_RANGE[range]} ORDER BY t.created_at, t.id LIMIT ${sql.raw(String(MOST_SHOWN))})`,
      ),
      sql` UNION ALL `,
    ),
    sql`t.created_at, t.id`,
    LISTED_CLOCKS,
  ),
)

/** @see TicketAging */
export async function ticketAging(db: Executor, now: Date): Promise<TicketAging> {
  const at = { now: now.toISOString() }
  const [[counts], rows] = await Promise.all([countStatement.run(db, at), shownStatement.run(db, at)])
  const shown = (range: AgeRange) =>
    rows
      .filter((row) => row.sort_key === range)
      .map((row) => {
        const ticket = listedTicket(row)
        return { ...ticket, hours_old: hoursBetween(ticket.created_at, now) }
      })
  return {
    aging_data: AGE_RANGES.map((age_range) => ({ age_range, count: counts?.[age_range] ?? 0 })),
    buckets: {
      '0-24h': shown('0-24h'),
      '24-48h': shown('24-48h'),
      '48-72h': shown('48-72h'),
      '72h+': shown('72h+'),
    },
    total_open_tickets: counts?.total ?? 0,
    average_age_hours: counts?.age_ms == null ? null : hours(counts.age_ms / counts.total),
  }
}

/** Hours that have passed since an instant; none for one in the future. */
export function hoursBetween(since: string, now: Date): number {
  return hours(Math.max(0, now.getTime() - Date.parse(since)))
}
