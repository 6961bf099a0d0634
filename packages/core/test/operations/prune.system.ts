import { prune, pruneStatement, RETENTION, type Retention } from '@servicedesk/core'
import { outbox, withSession } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

/** Enough to be read by index; the outbox, by far the largest, is asked at more. */
const MANY = 20_000
const manyOf = (table: string) => (table === 'outbox' ? 50_000 : MANY)
const HOUR = 3_600_000

/** Rows of each table, aged evenly: the n-th is n minutes old; of those that may be deleted at all. */
const FILL: Record<string, SQL> = {
  outbox: sql`INSERT INTO outbox (queue, name, payload, done_at) SELECT 'email', 'email.send', '{}', at FROM ages`,
  idempotency_keys: sql`INSERT INTO idempotency_keys (user_id, route, key, request_hash, status, headers, body, created_at)
    SELECT u.id, 'POST /x', 'key-' || n, 'h', 201, '{}', '{}', at FROM ages, someone u`,
  sessions: sql`INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at)
    SELECT uuidv7(), u.id, at, at, at FROM ages, someone u`,
  refresh_tokens: sql`INSERT INTO refresh_tokens (hash, session_id, issued_at, expires_at)
    SELECT 'r' || n, (SELECT id FROM sessions ORDER BY expires_at DESC LIMIT 1), at, at FROM ages`,
  auth_tokens: sql`INSERT INTO auth_tokens (hash, user_id, purpose, created_at, expires_at)
    SELECT 'a' || n, u.id, 'invitation', at, at FROM ages, someone u`,
  alerts: sql`INSERT INTO alerts (user_id, alert_type, title, message, is_read, created_at)
    SELECT u.id, 'system', 't', 'm', true, at FROM ages, someone u`,
}

const desk = await createCoreDesk(t)
await desk.person('Normal User')
const now = desk.clock.now()

/** Gives a table `many` rows of which one in ten is older than it is kept. */
async function fill({ table, keepMs }: Retention, many: number) {
  const statement = FILL[table]
  if (statement === undefined) throw new Error(`no rows for ${table}`)
  await desk.db.execute(sql`
    WITH ages AS (
      SELECT n, ${now.toISOString()}::timestamptz - n * (${keepMs / (many * 0.9)} * interval '1 millisecond') AS at
      FROM generate_series(${many}::int, 1, -1) n
    ), someone AS (SELECT id FROM users LIMIT 1)
    ${statement}`)
}
const countOf = async (table: string) => desk.db.$count(sql`${sql.identifier(table)}` as never)

t.test('every table has an index for it: at tens of thousands of rows none is read whole', async (t) => {
  for (const entry of RETENTION) {
    await fill(entry, manyOf(entry.table))
    await desk.db.execute(sql`ANALYZE ${sql.identifier(entry.table)}`)
    const plan = await desk.db.execute<{ 'QUERY PLAN': string }>(sql`EXPLAIN ${pruneStatement(entry, now)}`)
    const text = plan.map((line) => line['QUERY PLAN']).join('\n')
    t.match(text, /Index Scan using \w+/, entry.table)
    t.match(text, /Tid Scan/, entry.table)
    t.notMatch(text, /Seq Scan|Sort/, entry.table)
  }
})

t.test('what is old is deleted, in bounded runs; what is not stays', async (t) => {
  const before = await Promise.all(RETENTION.map(({ table }) => countOf(table)))
  const first = await prune(desk.db, now, { limit: 500, batches: 3 })
  for (const { table } of RETENTION) t.equal(first.deleted[table], 1_500, table)
  t.equal(first.more, true)
  const rest = await prune(desk.db, now)
  t.equal(rest.more, false)
  for (const [n, { table }] of RETENTION.entries()) {
    const deleted = 1_500 + (rest.deleted[table] ?? 0)
    // The row that is exactly as old as it may be stays.
    const old = manyOf(table) / 10
    t.ok(deleted >= old - 1 && deleted <= old, `${table}: ${deleted}`)
    t.equal(await countOf(table), before[n]! - deleted, table)
  }
  t.strictSame(await prune(desk.db, now), { deleted: {}, more: false }, 'and then there is nothing to do')
})

t.test('kept whatever their age: what is owed, dead letters, unread alerts, live sessions', async (t) => {
  const old = new Date(0)
  await desk.db.execute(sql`TRUNCATE outbox, alerts, sessions CASCADE`)
  await desk.db.insert(outbox).values([
    { queue: 'email', name: 'owed', payload: {}, createdAt: old, availableAt: old },
    { queue: 'email', name: 'dispatched', payload: {}, createdAt: old, dispatchedAt: old },
    { queue: 'email', name: 'dead', payload: {}, createdAt: old, failedAt: old, lastError: 'why' },
  ])
  const reader = await desk.person('Normal User')
  await desk.db.execute(sql`INSERT INTO alerts (user_id, alert_type, title, message, created_at)
    VALUES (${reader.id}, 'system', 't', 'm', ${old.toISOString()}::timestamptz)`)
  t.strictSame(await prune(desk.db, now), { deleted: {}, more: false })
  t.equal(await desk.db.$count(outbox), 3)
  await desk.core.alerts.markAllRead(reader, 'me')
  t.strictSame(await prune(desk.db, now), { deleted: { alerts: 1 }, more: false }, 'until it is read')
})

t.test('ages are told apart to the millisecond', async (t) => {
  await desk.db.delete(outbox)
  const doneAt = new Date(now.getTime() - 24 * HOUR)
  await desk.db.insert(outbox).values({ queue: 'email', name: 'email.send', payload: {}, doneAt })
  t.equal((await prune(desk.db, now)).deleted.outbox, undefined)
  t.equal((await prune(desk.db, new Date(now.getTime() + 1))).deleted.outbox, 1)
})

t.test('side by side, and beside who holds a row: each row is deleted once, nobody waits', async (t) => {
  const [entry] = RETENTION
  await desk.db.execute(sql`TRUNCATE outbox`)
  await fill(entry!, 3_000)
  await withSession(desk.db, async (session) => {
    await session.transaction(async (tx) => {
      await tx.execute(sql`SELECT id FROM outbox ORDER BY done_at LIMIT 1 FOR UPDATE`)
      const runs = await Promise.all(Array.from({ length: 4 }, () => prune(desk.db, now, { limit: 50 })))
      const deleted = runs.reduce((sum, run) => sum + (run.deleted.outbox ?? 0), 0)
      t.equal(deleted, 3_000 - (await desk.db.$count(outbox)))
    })
  })
  await prune(desk.db, now)
  const [oldest] = await desk.db.execute<{ at: string }>(sql`SELECT min(done_at) AS at FROM outbox`)
  t.ok(new Date(oldest!.at).getTime() >= now.getTime() - 24 * HOUR)
})
