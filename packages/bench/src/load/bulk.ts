import postgres, { type Sql } from 'postgres'

interface Definition {
  table_name: string
  name: string
  definition: string
}

/** Tables that a load fills; their indexes are made again afterwards. */
const FILLED =
  "('tickets', 'ticket_events', 'messages', 'sla_clocks', 'sla_clock_events', 'assignments', 'ticket_search')"

const SETTINGS = {
  session_replication_role: 'replica',
  synchronous_commit: 'off',
  maintenance_work_mem: '512MB',
  work_mem: '256MB',
}

/**
 * Fills tables fast: without the indexes that are no constraints, which are made again at the end, and without
 * checking foreign keys. Triggers of the desk's own do run, but those that mark days as changed: none is rolled up yet.
 * Only for a database that is thrown away: it takes a superuser, and whoever else writes meanwhile goes unchecked.
 * @param fill gets sessions that check nothing
 */
export async function inBulk(databaseUrl: string, fill: (sql: Sql) => Promise<void>): Promise<void> {
  const sql = postgres(databaseUrl, {
    max: 4,
    onnotice: () => undefined,
    connection: { application_name: 'servicedesk-bench-load', TimeZone: 'UTC', ...SETTINGS },
  })
  try {
    const indexes = await sql<Definition[]>`
      SELECT i.tablename AS table_name, i.indexname AS name, i.indexdef AS definition FROM pg_indexes i
      WHERE i.schemaname = 'public' AND i.tablename IN ${sql.unsafe(FILLED)}
        AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = (quote_ident(i.indexname))::regclass)`
    const triggers = await sql<Definition[]>`
      SELECT c.relname AS table_name, g.tgname AS name, '' AS definition FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid
      WHERE NOT g.tgisinternal AND g.tgname NOT LIKE 'stats%' AND c.relname IN ${sql.unsafe(FILLED)} AND NOT starts_with(g.tgname, 'stats_')`
    for (const { table_name, name } of triggers)
      await sql`ALTER TABLE ${sql(table_name)} ENABLE ALWAYS TRIGGER ${sql(name)}`
    for (const { name } of indexes) await sql`DROP INDEX ${sql(name)}`
    await fill(sql)
    const left = [...indexes]
    const lane = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await sql.unsafe(next.definition)
    }
    await Promise.all([lane(), lane()])
    for (const { table_name, name } of triggers)
      await sql`ALTER TABLE ${sql(table_name)} ENABLE TRIGGER ${sql(name)}`
    await sql`VACUUM ANALYZE`
  } finally {
    await sql.end()
  }
}
