import type { Database } from '@servicedesk/db'
import { planned } from '../shared/planned.ts'
import type { ReadyFilter, TicketFilter } from '../tickets/ticket-filter.ts'
import { correctQuery } from './correct-query.ts'
import { findMatches, type Matches } from './find-matches.ts'
import { parseSearch } from './parse-search.ts'

export interface Found {
  /** The filter with what was searched for. */
  filter: ReadyFilter
  matches: Matches
  /** What was searched for instead of what was typed. */
  corrected?: string | undefined
}

/** Finds what `text` says. @param newest none that is newer than this id */
export async function findText(
  db: Database,
  filter: TicketFilter,
  text: string,
  newest?: number,
): Promise<Found> {
  const query = await parseSearch(db, text)
  const ready = { ...filter, ...query }
  return { filter: ready, matches: await planned(db, (tx) => findMatches(tx, ready, query, newest)) }
}

/** Finds what was typed; if it is nowhere, what may have been meant. */
export async function findMeant(db: Database, filter: TicketFilter, text: string): Promise<Found> {
  const found = await findText(db, filter, text)
  if (found.matches.matches.length > 0) return found
  const corrected = await planned(db, (tx) => correctQuery(tx, filter, text))
  if (corrected === undefined) return found
  const meant = await findText(db, filter, corrected)
  return meant.matches.matches.length > 0 ? { ...meant, corrected } : found
}

/** The filter of the tickets that a list would show: with its text parsed, and corrected where that finds something. */
export async function meantFilter(db: Database, filter: TicketFilter): Promise<ReadyFilter> {
  return filter.q === undefined ? filter : (await findMeant(db, filter, filter.q)).filter
}
