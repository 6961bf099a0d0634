import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { CopyTooLong, copyOut } from '@servicedesk/db'
import { createTestDatabase, until } from '@servicedesk/testing'
import { type SQL, sql } from 'drizzle-orm'
import t from 'tap'

const { db, drop } = await createTestDatabase()
t.teardown(drop)

const NAME = 'copy-test'
const copy = (query: SQL, more: { maxMs?: number; values?: Record<string, unknown> } = {}) =>
  copyOut(db, { query, options: 'FORMAT csv', maxMs: 60_000, applicationName: NAME, ...more })
/** What sessions of copies do; each has its own. */
const sessions = async () =>
  db.execute<{ state: string; wait_event: string | null }>(
    sql`SELECT state, wait_event FROM pg_stat_activity WHERE application_name = ${NAME}`,
  )
const gone = () => until('no session is left', async () => (await sessions()).length === 0, 1_500)
const failure = (stream: Readable) => buffer(stream).then(String, (error: Error & { code?: string }) => error)

/** Rows that are made as they are sent; in FROM they would all be made before. */
const ENDLESS = sql`SELECT repeat('x', 100), generate_series(1, 1000000000)`

t.test('everything arrives, whatever its size, and no session is left', async (t) => {
  for (const rows of [0, 1, 7, 3_000, 100_000]) {
    const text = await buffer(copy(sql`SELECT n, repeat('x', 40) FROM generate_series(1, ${rows}::int) n`))
    const lines = text.toString().split('\n')
    t.equal(lines.length, rows + 1, `${rows} rows`)
    t.equal(lines.at(-2), rows === 0 ? undefined : `${rows},${'x'.repeat(40)}`)
    await gone()
  }
})

t.test('values are values, never SQL', async (t) => {
  const nasty = [`it's`, `\\'; DROP TABLE tickets; --`, '100%s $1 %1$L', 'a"b', 'ünï ✅', '', 'E\\n']
  for (const value of nasty) {
    const name = sql.placeholder('name')
    const [bound, filled] = await Promise.all([
      buffer(copy(sql`SELECT to_json(${value}::text)`)),
      buffer(copy(sql`SELECT to_json(${name}::text), '100%'`, { values: { name: value } })),
    ])
    const cell = `"${JSON.stringify(value).replaceAll('"', '""')}"`
    t.strictSame([bound.toString(), filled.toString()], [`${cell}\n`, `${cell},100%\n`])
  }
  t.equal((await buffer(copy(sql`SELECT ${null}::int IS NULL`))).toString(), 't\n')
})

t.test('what fails is an error: before the first row, as it comes, and in the middle', async (t) => {
  for (const [query, code] of [
    [sql`SELECT no_such_column`, '42703'],
    [sql`SELECT 1 / (n - 1) FROM generate_series(1, 3) n`, '22012'],
    [sql`SELECT repeat('x', 1000), 1 / (n - 50000) FROM generate_series(1, 60000) n`, '22012'],
    [sql`SELECT nextval('tickets_id_seq')`, '25006'],
  ] as const) {
    t.match(await failure(copy(query)), { code })
    await gone()
  }
})

t.test('a session that is ended in the middle is an error, not an end', async (t) => {
  const stream = copy(ENDLESS)
  await once(stream, 'readable')
  await db.execute(
    sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ${NAME}`,
  )
  t.match(await failure(stream), { code: /57P01|CONNECTION_CLOSED|ECONNRESET/ })
  await gone()
})

t.test('nobody reads: the server waits, and nothing piles up here', async (t) => {
  const stream = copy(ENDLESS)
  await once(stream, 'readable')
  await until('the server waits for its client', async () =>
    (await sessions()).some(({ wait_event }) => wait_event === 'ClientWrite'),
  )
  t.ok(stream.readableLength < 1024 ** 2, `${stream.readableLength} bytes are kept`)
  const closed = once(stream, 'close')
  stream.destroy()
  await gone()
  await closed
})

t.test('destroying it cancels the query: while it computes, waits for its client, or connects', async (t) => {
  const computing = copy(sql`SELECT count(*) FROM generate_series(1, 1000000000)`)
  const lost = once(computing, 'close')
  computing.resume()
  await until('it computes', async () => (await sessions()).some(({ state }) => state === 'active'))
  computing.destroy()
  await gone()
  await lost
  const connecting = copy(ENDLESS)
  connecting.read()
  connecting.destroy()
  await once(connecting, 'close')
  await gone()
  t.pass('none is left')
})

t.test('it is over in its time, also when nobody reads', async (t) => {
  const stream = copy(ENDLESS, { maxMs: 300 })
  stream.read()
  const [error] = await once(stream, 'error').catch((thrown: unknown) => [thrown])
  t.type(error, CopyTooLong)
  await gone()
})
