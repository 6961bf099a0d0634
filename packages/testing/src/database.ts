import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { closeDatabase, createDatabase, type Database, migrate } from '@servicedesk/db'
import postgres from 'postgres'
import { testServers } from './environment.ts'

const JOURNAL = new URL('../../../drizzle/meta/_journal.json', import.meta.url)
const DEFAULTS = new URL('../../db/src/defaults.ts', import.meta.url)
/** Any constant: it lets one test file at a time make the template. */
const TEMPLATE_LOCK = 7_301_900

export interface TestDatabase {
  url: string
  db: Database
  /** Closes the pool and drops the database. */
  drop(): Promise<void>
}

function urlOf(name: string): string {
  const url = new URL(testServers().databaseUrl)
  url.pathname = `/${name}`
  return url.toString()
}

/** One migrated database a run, made by whoever comes first and copied by everybody. */
async function ensureTemplate(admin: postgres.Sql): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(JOURNAL)).update(readFileSync(DEFAULTS))
  const template = `template_${hash.digest('hex').slice(0, 12)}`
  await admin`SELECT pg_advisory_lock(${TEMPLATE_LOCK})`
  try {
    const [known] = await admin`SELECT 1 FROM pg_database WHERE datname = ${template} AND datistemplate`
    if (known === undefined) {
      await admin.unsafe(`DROP DATABASE IF EXISTS ${template}`)
      await admin.unsafe(`CREATE DATABASE ${template}`)
      await migrate(urlOf(template))
      await admin.unsafe(`ALTER DATABASE ${template} WITH IS_TEMPLATE true`)
    }
  } finally {
    await admin`SELECT pg_advisory_unlock(${TEMPLATE_LOCK})`
  }
  return template
}

/** A database of one's own with the current schema and default configuration, in about 30 ms. */
export async function createTestDatabase(connections = 10): Promise<TestDatabase> {
  const admin = postgres(testServers().databaseUrl, { max: 1, onnotice: () => undefined })
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  try {
    const template = await ensureTemplate(admin)
    await admin.unsafe(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY file_copy`)
  } finally {
    await admin.end()
  }
  const url = urlOf(name)
  const db = createDatabase(url, { max: connections, applicationName: name })
  return {
    url,
    db,
    async drop() {
      await closeDatabase(db)
      const again = postgres(testServers().databaseUrl, { max: 1, onnotice: () => undefined })
      await again.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      await again.end()
    },
  }
}
