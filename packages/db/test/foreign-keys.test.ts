import { createTestDatabase } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import t from 'tap'

interface ForeignKey extends Record<string, unknown> {
  key: string
  columns: string[]
  /** Those of them that refer to the primary key of the other table, which alone say which row. */
  deciding: string[] | null
  /** The leading columns of each index of the table, as many as the key has, sorted; with its condition. */
  indexes: { first: string | null; columns: string[]; condition: string | null }[]
}

const { db, drop } = await createTestDatabase()
t.teardown(drop)

/** Every foreign key of the schema beside the indexes of its table, from PostgreSQL's own catalogue. */
async function foreignKeys(): Promise<ForeignKey[]> {
  return db.execute<ForeignKey>(sql`
    WITH keys AS (
      SELECT c.conrelid, c.conrelid::regclass::text || '.' || c.conname AS key,
        (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM unnest(c.conkey) n
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = n) AS columns,
        (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM unnest(c.conkey, c.confkey) n(own, other)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = n.own
          JOIN pg_index p ON p.indrelid = c.confrelid AND p.indisprimary AND p.indnkeyatts = 1 AND p.indkey[0] = n.other
        ) AS deciding
      FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
    )
    SELECT k.key, to_json(k.columns) AS columns, to_json(k.deciding) AS deciding, (
      SELECT coalesce(json_agg(json_build_object('condition', pg_get_expr(i.indpred, i.indrelid),
        'first', (SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0]), 'columns',
        (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS n(num, place)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = n.num
          WHERE n.place <= cardinality(k.columns)))), '[]'::json)
      FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisvalid) AS indexes
    FROM keys k ORDER BY k.key`)
}

/** A partial index serves a key only if it leaves out nothing but rows that refer to nobody. */
function covers(key: ForeignKey): boolean {
  return key.indexes.some(({ first, columns, condition }) => {
    const leads =
      columns !== null &&
      (columns.join() === key.columns.join() || (first !== null && first === key.deciding?.[0]))
    return leads && (condition === null || key.columns.some((name) => condition === `(${name} IS NOT NULL)`))
  })
}

t.test('every foreign key has an index that begins with its columns', async (t) => {
  const keys = await foreignKeys()
  t.ok(keys.length >= 45, `${keys.length} foreign keys`)
  for (const key of keys) t.ok(covers(key), `${key.key} (${key.columns.join(', ')})`)
})

t.test('the check itself can fail', async (t) => {
  await db.execute(sql`DROP INDEX messages_sender_idx`)
  await db.execute(sql`DROP INDEX tickets_status_idx`)
  await db.execute(sql`CREATE INDEX ON messages (sender_id) WHERE is_internal`)
  const bare = (await foreignKeys()).filter((key) => !covers(key)).map((key) => key.key)
  t.strictSame(bare, ['messages.messages_sender_id_users_id_fk', 'tickets.tickets_status_fk'])
})
