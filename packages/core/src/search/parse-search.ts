import { defineStatement, type Executor } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { ReadyFilter, TicketFilter } from '../tickets/ticket-filter.ts'
import { type TextQuery, textQuery } from './text-query.ts'

const parse = defineStatement<{ text: string }, { parsed: string }>(
  'parse_search',
  sql`SELECT websearch_to_tsquery('english', ${sql.placeholder('text')}::text)::text AS parsed`,
)

/** Reads what a person typed: `"…"` is a phrase, `or` an alternative, `-` excludes. Nothing that is typed is an error. */
export async function parseSearch(db: Executor, text: string): Promise<TextQuery> {
  const [row] = await parse.run(db, { text })
  return textQuery(row?.parsed ?? '')
}

/** A filter with its text parsed. */
export async function readyFilter(db: Executor, filter: TicketFilter): Promise<ReadyFilter> {
  if (filter.q === undefined) return filter
  const { tsquery, indexQuery } = await parseSearch(db, filter.q)
  return { ...filter, tsquery, indexQuery }
}
