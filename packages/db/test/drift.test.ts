import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { schema } from '@servicedesk/db'
import { createTestDatabase } from '@servicedesk/testing'
import { is, sql } from 'drizzle-orm'
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core'
import t from 'tap'

// The ES module of drizzle-kit's interface is broken in this version; its CommonJS twin is not.
const kit = createRequire(import.meta.url)('drizzle-kit/api') as typeof import('drizzle-kit/api')
const META = new URL('../../../drizzle/meta/', import.meta.url)
const tables = Object.values(schema)
  .filter((value) => is(value, PgTable))
  .map((table) => getTableConfig(table as PgTable))

function newestSnapshot() {
  const name = readdirSync(META)
    .filter((file) => file.endsWith('_snapshot.json'))
    .sort()
    .at(-1)!
  return JSON.parse(readFileSync(new URL(name, META), 'utf8'))
}

t.test('drizzle-kit generate would find nothing to do', async (t) => {
  const known = newestSnapshot()
  const statements = await kit.generateMigration(known, kit.generateDrizzleJson(schema, known.id))
  t.strictSame(statements, [])
  const { alerts: _, ...withoutAlerts } = schema
  const changed = await kit.generateMigration(known, kit.generateDrizzleJson(withoutAlerts, known.id))
  t.ok(
    changed.some((statement) => statement.includes('DROP TABLE "alerts"')),
    'and it would notice',
  )
})

t.test('the migrations make the tables, columns, indexes and checks that the code names', async (t) => {
  const { db, drop } = await createTestDatabase()
  t.teardown(drop)
  const columns = await db.execute<{ column: string; nullable: boolean }>(sql`
    SELECT table_name || '.' || column_name AS column, is_nullable = 'YES' AS nullable
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1`)
  const wanted = tables.flatMap(({ name, columns }) =>
    columns.map((column) => ({
      column: `${name}.${column.name}`,
      nullable: !column.notNull && !column.primary,
    })),
  )
  const inKeys = new Set(
    tables.flatMap(({ name, primaryKeys }) =>
      primaryKeys.flatMap((key) => key.columns.map((column) => `${name}.${column.name}`)),
    ),
  )
  const sorted = wanted
    .map((each) => (inKeys.has(each.column) ? { ...each, nullable: false } : each))
    .sort((a, b) => (a.column < b.column ? -1 : 1))
  t.strictSame(
    [...columns].sort((a, b) => (a.column < b.column ? -1 : 1)),
    sorted,
  )

  const indexes = await db.execute<{ name: string }>(
    sql`SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public'`,
  )
  const checks = await db.execute<{ name: string }>(
    sql`SELECT conname AS name FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace`,
  )
  const made = new Set([...indexes, ...checks].map((row) => row.name))
  for (const table of tables) {
    for (const index of table.indexes) t.ok(made.has(index.config.name!), `${index.config.name}`)
    for (const check of table.checks) t.ok(made.has(check.name), check.name)
  }
  t.equal(checks.length, tables.flatMap((table) => table.checks).length)
})
