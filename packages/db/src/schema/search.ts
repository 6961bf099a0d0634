import { sql } from 'drizzle-orm'
import { bigint, boolean, check, index, pgTable, text } from 'drizzle-orm/pg-core'
import { instant, ref, tsvector } from './columns.ts'
import { tickets } from './tickets.ts'

/**
 * The words of each ticket, written by triggers only (migration `search`). Apart from `tickets`, because every change of a
 * ticket would write all of its words into their index again.
 */
export const ticketSearch = pgTable(
  'ticket_search',
  {
    ticketId: ref('ticket_id')
      .primaryKey()
      .references(() => tickets.id, { onDelete: 'cascade' }),
    /** Title (weight A), description (B) and public messages (C). */
    words: tsvector('words').notNull(),
    /** The same and internal notes; null where there are none. */
    internal: tsvector('internal'),
  },
  (t) => [
    // With blocks of 16,384 tickets: of common words only the newest are looked up.
    index('ticket_search_words_idx').using('gin', t.words, sql`(${t.ticketId} >> 14)`),
    index('ticket_search_internal_idx')
      .using('gin', t.internal, sql`(${t.ticketId} >> 14)`)
      .where(sql`${t.internal} IS NOT NULL`),
  ],
)

/** Public words as people wrote them: what a word without matches may have been meant as. */
export const searchLexemes = pgTable('search_lexemes', { lexeme: text('lexeme').primaryKey() }, (t) => [
  index('search_lexemes_similar_idx').using('gin', t.lexeme.op('gin_trgm_ops')),
])

/** One row: the last ticket, in the order of `updated_at`, whose words are in {@link searchLexemes}. */
export const searchProgress = pgTable(
  'search_progress',
  {
    isOnly: boolean('is_only').primaryKey().default(true),
    updatedAt: instant('updated_at').notNull(),
    ticketId: bigint('ticket_id', { mode: 'number' }).notNull(),
  },
  (t) => [check('search_progress_one_row', sql`${t.isOnly}`)],
)
