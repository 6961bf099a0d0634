import { mapRow, readRows } from '@servicedesk/dev'
import type { Sql } from 'postgres'

/** The lengths that the API takes. */
const TITLE = [3, 200] as const
const DESCRIPTION = [10, 20_000] as const

const isWithin = (text: string, [least, most]: readonly [number, number]) =>
  text.length >= least && text.length <= most

/**
 * Puts the texts of real tickets into a table `bench_texts(n, title, description, priority_id, category_id)`, numbered
 * from 0, and answers how many there are. Rows that the API would refuse are left out.
 * @param file a CSV file with the columns that `npm run replay` reads
 * @throws UserError when it cannot be read; Error when no row of it can be used
 */
export async function loadTexts(sql: Sql, file: string): Promise<number> {
  const texts = readRows(file)
    .map(mapRow)
    .filter(({ title, description }) => isWithin(title, TITLE) && isWithin(description, DESCRIPTION))
    // NUL is no character of PostgreSQL's text.
    .filter(({ title, description }) => !`${title}${description}`.includes('\0'))
  if (texts.length === 0) throw new Error(`${file} has no ticket that the API would take`)
  const rows = texts.map((text, n) => ({ n, ...text }))
  await sql`
    CREATE UNLOGGED TABLE bench_texts AS
    SELECT x.n, x.title, x.description, coalesce(p.id, (SELECT id FROM priorities WHERE slug = 'medium')) AS priority_id,
      coalesce(c.id, (SELECT id FROM categories WHERE slug = 'other')) AS category_id
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) AS x(n int, title text, description text, priority text,
      category text)
    LEFT JOIN priorities p ON p.name = x.priority LEFT JOIN categories c ON c.name = x.category`
  await sql`ALTER TABLE bench_texts ADD PRIMARY KEY (n)`
  return texts.length
}
