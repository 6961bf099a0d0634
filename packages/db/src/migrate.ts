import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator'
import { closeDatabase, createDatabase } from './client.ts'
import { insertDefaults } from './defaults.ts'

const MIGRATIONS = fileURLToPath(new URL('../../../drizzle', import.meta.url))
/** Any constant: it names the lock that lets one migration run at a time. */
const MIGRATION_LOCK = 7_301_001

/**
 * Brings the schema up to date and inserts default configuration that is missing.
 * Safe when several start at once: the others wait for the lock and find nothing left to do.
 */
export async function migrate(databaseUrl: string): Promise<void> {
  // One connection, because the advisory lock belongs to the session that took it.
  const db = createDatabase(databaseUrl, {
    max: 1,
    applicationName: 'servicedesk-migrate',
    statementTimeoutMs: 0,
  })
  try {
    await db.execute(sql`SELECT pg_advisory_lock(${MIGRATION_LOCK})`)
    await applyMigrations(db, { migrationsFolder: MIGRATIONS })
    await db.transaction((tx) => insertDefaults(tx))
  } finally {
    await closeDatabase(db)
  }
}
