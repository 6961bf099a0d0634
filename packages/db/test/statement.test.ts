import {
  closeDatabase,
  createDatabase,
  defineStatement,
  preparedRead,
  runPrepared,
  settings,
  type Tx,
  toDate,
  toIso,
} from '@servicedesk/db'
import { createTestDatabase } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import fc from 'fast-check'
import t from 'tap'

const { db, url, drop } = await createTestDatabase()
t.teardown(drop)

const write = defineStatement<{ key: string; value: string }, { key: string }>(
  'test_write_setting',
  sql`INSERT INTO settings (key, value) VALUES (${sql.placeholder('key')}, ${sql.placeholder('value')}::jsonb) RETURNING key`,
)
const settingsLike = (pattern: string) => db.$count(settings, sql`key LIKE ${pattern}`)

t.test('a statement runs on a database, and is prepared once a connection under its name', async (t) => {
  const single = createDatabase(url, { max: 1 })
  t.teardown(() => closeDatabase(single))
  for (const key of ['db 1', 'db 2', 'db 3']) {
    t.strictSame([...(await write.run(single, { key, value: '1' }))], [{ key }])
  }
  const prepared = await single.execute<{ calls: number }>(sql`
    SELECT generic_plans + custom_plans AS calls FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO settings%'`)
  t.match(prepared, [{ calls: 3 }])
})

t.test('without values it is prepared too, in and out of a transaction', async (t) => {
  const single = createDatabase(url, { max: 1 })
  t.teardown(() => closeDatabase(single))
  const read = defineStatement<Record<string, never>, { n: number }>(
    'test_no_values',
    sql`SELECT 41 + 1 AS n`,
  )
  for (let n = 0; n < 2; n += 1) t.strictSame([...(await read.run(single, {}))], [{ n: 42 }])
  await single.transaction(async (tx) => {
    t.strictSame([...(await read.run(tx, {}))], [{ n: 42 }])
    t.strictSame([...(await runPrepared(tx, sql`SELECT ${'a'}::text AS a`))], [{ a: 'a' }])
  })
  const prepared = await single.execute<{ statement: string; calls: number }>(sql`
    SELECT statement, generic_plans + custom_plans AS calls FROM pg_prepared_statements
    WHERE statement LIKE 'SELECT%' ORDER BY statement`)
  t.strictSame(
    prepared.map(({ statement, calls }) => [statement, Number(calls)]),
    [
      ['SELECT $1::text AS a', 1],
      ['SELECT 41 + 1 AS n', 3],
    ],
  )
})

t.test('in a transaction it is a part of it: rolled back with it, unseen before its commit', async (t) => {
  const failing = db.transaction(async (tx) => {
    await write.run(tx, { key: 'tx 1', value: '1' })
    t.equal(await settingsLike('tx%'), 0)
    throw new Error('changed our mind')
  })
  await t.rejects(failing, { message: 'changed our mind' })
  t.equal(await settingsLike('tx%'), 0)
  await db.transaction((tx) => write.run(tx, { key: 'tx 2', value: '2' }))
  t.equal(await settingsLike('tx%'), 1)
})

t.test('many at once, on connections and transactions mixed', async (t) => {
  const keys = Array.from({ length: 40 }, (_, n) => `mixed ${n}`)
  await Promise.all(
    keys.map((key, n) =>
      n % 2 === 0
        ? write.run(db, { key, value: '1' })
        : db.transaction((tx) => write.run(tx, { key, value: '1' })),
    ),
  )
  t.equal(await settingsLike('mixed%'), 40)
})

t.test('values are values, whatever they look like', async (t) => {
  const key = `'); DROP TABLE settings; --`
  await write.run(db, { key, value: '{"a": 1}' })
  const [row] = await db.select().from(settings).where(eq(settings.key, key))
  t.strictSame(row, { key, value: { a: 1 } })
})

t.test('a prepared read is built once a handle and key, and answers with its parameters', async (t) => {
  let built = 0
  const read = (handle: typeof db, key: string) =>
    preparedRead(handle, key, (of, name) => {
      built += 1
      return of
        .select()
        .from(settings)
        .where(eq(settings.key, sql.placeholder('key')))
        .prepare(name)
    })
  t.match(await read(db, 'test_read').execute({ key: 'assignment' }), [{ key: 'assignment' }])
  t.equal(read(db, 'test_read'), read(db, 'test_read'))
  t.equal(built, 1)
  t.strictSame(await read(db, 'test_read').execute({ key: 'nothing' }), [])
  const other = createDatabase(url)
  t.teardown(() => closeDatabase(other))
  t.not(read(other, 'test_read'), read(db, 'test_read'))
  t.equal(built, 2)
  // @ts-expect-error a transaction is refused: the read would escape it
  const inTransaction = (tx: Tx) => read(tx, 'test_read')
  t.type(inTransaction, 'function')
})

t.test('instants come as text and are read exactly', async (t) => {
  const [row] = await db.execute<{ at: string }>(sql`SELECT timestamptz '2026-03-29 01:59:59.123+01' AS at`)
  t.equal(toDate(row!.at).toISOString(), '2026-03-29T00:59:59.123Z')
  t.equal(toDate(null), null)
})

t.test('an instant as PostgreSQL writes it is ISO 8601 to the millisecond', async (t) => {
  const instants = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  const cases = fc.sample(fc.tuple(instants, fc.integer({ min: 0, max: 999 })), 300)
  const written = await db.execute<{ text: string; json: string }>(sql`
    SELECT at AS text, to_json(at) #>> '{}' AS json FROM (
      SELECT (text)::timestamptz AS at FROM jsonb_array_elements_text(${JSON.stringify(
        cases.map(([date, micros]) => date.toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)),
      )}::jsonb) text) each`)
  t.equal(written.length, cases.length)
  for (const [n, { text, json }] of written.entries()) {
    const wanted = cases[n]![0].toISOString()
    if (toIso(text) !== wanted || toIso(json) !== wanted)
      t.fail(`${text}, ${json}: ${toIso(text)}, ${toIso(json)}`)
  }
  t.equal(toIso('2026-11-29T06:52:05.123Z'), '2026-11-29T06:52:05.123Z')
})
