import type { Readable } from 'node:stream'
import { copyOut, type Database } from '@servicedesk/db'
import { preparedMatching } from '../tickets/matching-tickets.ts'
import type { ReadyFilter } from '../tickets/ticket-filter.ts'
import { createCsvLines } from './csv-lines.ts'
import { exportedTickets, INSTANT_COLUMNS } from './ticket-columns.ts'

export interface TicketCsv {
  /** The file, as it comes. Destroying it ends the query. */
  stream: Readable
  /** Rows that have come so far, without the header. */
  rows(): number
}

/**
 * All tickets that match as CSV, of one moment, straight from PostgreSQL.
 * @param maxMs after which the stream fails
 */
export function ticketCsv(reports: Database, filter: ReadyFilter, maxMs: number): TicketCsv {
  const { matching, values } = preparedMatching(filter)
  const lines = createCsvLines(INSTANT_COLUMNS)
  const stream = copyOut(reports, {
    query: exportedTickets(matching),
    values,
    options: 'FORMAT csv, HEADER true',
    convert: lines.convert,
    maxMs,
    applicationName: 'servicedesk-export',
  })
  return { stream, rows: lines.rows }
}
