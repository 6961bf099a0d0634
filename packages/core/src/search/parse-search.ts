import { defineStatement, type Executor } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { searchTerms } from './search-terms.ts'
import { type TextQuery, textQuery } from './text-query.ts'

/** Each term by itself, so that nothing in it is an operator. No term has a line feed. */
const readTerms = defineStatement<{ terms: string }, { lexemes: string }>(
  'read_search_terms',
  sql`SELECT phraseto_tsquery('english', typed.term)::text AS lexemes
    FROM string_to_table(${sql.placeholder('terms')}::text, E'\n') WITH ORDINALITY typed (term, n) ORDER BY typed.n`,
)

/** Reads what a person typed: `"…"` is a phrase, `or` an alternative, `-` excludes. Nothing that is typed is an error. */
export async function parseSearch(db: Executor, text: string): Promise<TextQuery> {
  const alternatives = searchTerms(text)
  const terms = alternatives.flat()
  const rows = await readTerms.run(db, { terms: terms.map((term) => term.text).join('\n') })
  const lexemes = new Map(terms.map((term, n) => [term, rows[n]?.lexemes ?? '']))
  return textQuery(
    alternatives.map((some) => some.map((term) => ({ ...term, lexemes: lexemes.get(term) ?? '' }))),
  )
}
