import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import {
  categories,
  closeDatabase,
  createDatabase,
  type Database,
  migrate,
  priorities,
  roles,
  settings,
  slaPolicies,
  statuses,
  transitionRoles,
  transitions,
} from '@servicedesk/db'
import { createTestDatabase, testServers } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'

const MIGRATE_ONCE = fileURLToPath(new URL('./helpers/migrate-once.mjs', import.meta.url))

async function counts(db: Database) {
  const tables = {
    categories,
    priorities,
    roles,
    settings,
    slaPolicies,
    statuses,
    transitions,
    transitionRoles,
  }
  const entries = Object.entries(tables).map(async ([name, table]) => [name, await db.$count(table)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

const DEFAULTS = {
  categories: 7,
  priorities: 4,
  roles: 4,
  settings: 1,
  slaPolicies: 4,
  statuses: 6,
  transitions: 20,
  transitionRoles: 67,
}

/** A database without a single table. */
async function emptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const admin = createDatabase(testServers().databaseUrl, { max: 1 })
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`
  await admin.execute(sql.raw(`CREATE DATABASE ${name}`))
  const url = new URL(testServers().databaseUrl)
  url.pathname = `/${name}`
  return {
    url: url.toString(),
    async drop() {
      await admin.execute(sql.raw(`DROP DATABASE ${name} WITH (FORCE)`))
      await closeDatabase(admin)
    },
  }
}

t.test('three processes migrate an empty database at once: all succeed, defaults come once', async (t) => {
  const { url, drop } = await emptyDatabase()
  const db = createDatabase(url)
  t.teardown(async () => {
    await closeDatabase(db)
    await drop()
  })
  const children = [1, 2, 3].map(() => fork(MIGRATE_ONCE))
  await Promise.all(children.map((child) => once(child, 'message')))
  for (const child of children) child.send(url)
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]))
  t.strictSame(codes, [0, 0, 0])
  t.strictSame(await counts(db), DEFAULTS)
  const applied = await db.execute<{ hash: string }>(sql`SELECT hash FROM drizzle.__drizzle_migrations`)
  t.equal(new Set(applied.map((row) => row.hash)).size, applied.length, 'each migration once')
})

t.test('a second migration changes nothing that an admin made of the defaults', async (t) => {
  const { db, url, drop } = await createTestDatabase()
  t.teardown(drop)
  t.strictSame(await counts(db), DEFAULTS)
  await db.delete(categories).where(eq(categories.name, 'Security'))
  await db.update(slaPolicies).set({ resolutionSeconds: 60 }).where(eq(slaPolicies.name, 'Critical'))
  await db
    .update(settings)
    .set({ value: { strategy: 'score' } })
    .where(eq(settings.key, 'assignment'))
  await db.update(priorities).set({ name: 'Urgent' }).where(eq(priorities.name, 'Critical'))
  await migrate(url)
  t.strictSame(await counts(db), { ...DEFAULTS, categories: 6 })
  t.match(await db.select().from(slaPolicies).where(eq(slaPolicies.name, 'Critical')), [
    { resolutionSeconds: 60 },
  ])
  t.match(await db.select().from(settings), [{ key: 'assignment', value: { strategy: 'score' } }])
  t.equal(await db.$count(priorities, eq(priorities.name, 'Urgent')), 1)
})

t.test('what is missing comes back: settings, roles, and what a table lacks altogether', async (t) => {
  const { db, url, drop } = await createTestDatabase()
  t.teardown(drop)
  await db.delete(settings)
  await db.delete(slaPolicies)
  await db.delete(categories)
  await db.delete(transitionRoles)
  await db.delete(roles).where(eq(roles.name, 'Technical User'))
  await migrate(url)
  t.strictSame(await counts(db), { ...DEFAULTS, transitionRoles: 0 })
})

t.test('a database that cannot be reached is an error, soon', async (t) => {
  await t.rejects(migrate('postgres://postgres@127.0.0.1:1/nowhere'), { cause: { code: 'ECONNREFUSED' } })
})
