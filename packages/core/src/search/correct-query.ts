import type { Tx } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import type { TicketFilter } from '../tickets/ticket-filter.ts'
import { editDistance, swapsOf } from './edit-distance.ts'
import { wordsOf } from './lexemes.ts'

/** A word of a query: letters and digits outside of quotes, wanted and long enough to be mistyped. */
const TYPED = /"[^"]*"?|[^\s"]+/gu
const WORD = /^[\p{L}\p{N}]{3,40}$/u
/** The most words that are looked up. */
const MOST_WORDS = 8
/** The newest tickets whose words are looked at themselves. */
const MOST_FRESH = 200
const MOST_OWN = 500

/**
 * What may have been meant by a query that finds nothing: each plain word that is nowhere is replaced by the most similar
 * one that is somewhere. Staff get the public words of all tickets; requesters only those of their own, because a word that
 * is suggested is a word that is told.
 * @returns undefined when nothing similar is known
 */
export async function correctQuery(tx: Tx, filter: TicketFilter, text: string): Promise<string | undefined> {
  const typed = [...text.matchAll(TYPED)]
  const words = typed.map(([word]) => word.toLowerCase()).filter((word) => WORD.test(word) && word !== 'or')
  if (words.length === 0) return undefined
  const asked = [...new Set(words)].slice(0, MOST_WORDS)
  const known = filter.visibleTo === undefined ? everybodysWords() : ownWords(filter.visibleTo)
  const sought = JSON.stringify(asked.map((word) => ({ word, swaps: swapsOf(word) })))
  const rows = await tx.execute<{ word: string; lexeme: string; is_found: boolean }>(sql`
    WITH asked AS (SELECT * FROM jsonb_to_recordset(${sought}::jsonb) AS a(word text, swaps text[])),
    ${known}
    SELECT a.word, c.lexeme,
      (starts_with(c.lexeme, a.word) OR ts_lexize('english_stem', c.lexeme) = ts_lexize('english_stem', a.word)) AS is_found
    FROM asked a CROSS JOIN LATERAL (
      SELECT lexeme, similarity(lexeme, a.word) AS likeness FROM known
      WHERE known.word = a.word AND ${isSearched(sql`lexeme`)}
      ORDER BY lexeme = ANY (a.swaps) DESC, likeness DESC, lexeme LIMIT 20) c
    WHERE ${isSearched(sql`a.word`)}`)
  const best = new Map(asked.flatMap((word) => bestOf(word, rows) ?? []))
  if (best.size === 0) return undefined
  return text.replace(TYPED, (word) => best.get(word.toLowerCase()) ?? word)
}

/** Words such as "from" are left out of a search: `form` is not meant to be one, and they need no correction. */
const isSearched = (word: SQL) => sql`ts_lexize('english_stem', ${word}) <> '{}'`
const isLike = sql`l.lexeme % a.word`
/**
 * Two letters that changed places change up to four of the groups of three by which words are alike, and of a short word
 * nearly all. Such words are looked up themselves, by their key.
 */
const isSwapped = sql`l.lexeme = ANY (a.swaps)`

function bestOf(
  word: string,
  rows: readonly { word: string; lexeme: string; is_found: boolean }[],
): [[string, string]] | undefined {
  const similar = rows.filter((row) => row.word === word)
  if (similar.some(({ is_found }) => is_found)) return undefined
  // One mistake in a short word, one more for every four letters.
  const most = Math.max(1, Math.floor([...word].length / 4) + 1)
  const near = similar
    .map(({ lexeme }) => ({ lexeme, distance: editDistance(word, lexeme) }))
    .filter(({ distance }) => distance <= most)
  // Of equals the first: one with letters swapped, else the one that has most in the same places.
  const nearest = near.reduce<(typeof near)[number] | undefined>(
    (best, each) => (best === undefined || each.distance < best.distance ? each : best),
    undefined,
  )
  return nearest === undefined ? undefined : [[word, nearest.lexeme]]
}

/** Collected words, and those of tickets that changed since they were collected. */
function everybodysWords(): SQL {
  return sql`fresh AS MATERIALIZED (
      SELECT DISTINCT lexeme FROM (${wordsOf(sql`(
        SELECT t.id, t.title, t.description FROM tickets t
        WHERE t.deleted_at IS NULL
          AND t.updated_at >= coalesce((SELECT updated_at FROM search_progress), '-infinity')
        ORDER BY t.updated_at DESC LIMIT ${sql.raw(String(MOST_FRESH))})`)}) w
    ), known AS (
      SELECT a.word, l.lexeme FROM asked a JOIN search_lexemes l ON ${isLike}
      UNION
      SELECT a.word, l.lexeme FROM asked a JOIN search_lexemes l ON ${isSwapped}
      UNION
      SELECT a.word, l.lexeme FROM asked a JOIN fresh l ON ${isLike} OR ${isSwapped})`
}

/** The public words of the newest tickets that a requester made or watches. */
function ownWords(user: number): SQL {
  return sql`own AS MATERIALIZED (
      SELECT DISTINCT lexeme FROM (${wordsOf(sql`(
        SELECT t.id, t.title, t.description FROM tickets t
        WHERE t.deleted_at IS NULL AND t.id IN (SELECT own.id FROM tickets own WHERE own.created_by = ${user}
          UNION SELECT w.ticket_id FROM ticket_watchers w WHERE w.user_id = ${user})
        ORDER BY t.id DESC LIMIT ${sql.raw(String(MOST_OWN))})`)}) w
    ), known AS (SELECT a.word, l.lexeme FROM asked a JOIN own l ON ${isLike} OR ${isSwapped})`
}
