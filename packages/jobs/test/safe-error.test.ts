import { createTestDatabase } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { safeError, safeMessage, toSafeError } from '../src/safe-error.ts'

t.test('a failed query tells its cause and none of its parameters', async (t) => {
  const { db, drop } = await createTestDatabase()
  t.teardown(drop)
  const error = await db.execute(sql`SELECT ${'a secret word'}::int`).catch((cause: unknown) => cause)
  t.match(String(error), 'a secret word', 'the driver itself would tell it')
  // PostgreSQL quotes the value that it could not read; that is the cause's own message.
  const failing = await db
    .execute(sql`SELECT 1 / 0 WHERE ${'a secret word'} <> ''`)
    .catch((cause: unknown) => cause)
  t.match(safeMessage(failing), /^Failed query: division by zero/)
  for (const told of [JSON.stringify(safeError(failing)), toSafeError(failing).stack ?? '']) {
    t.notMatch(told, 'a secret word')
    t.match(told, /\bat /, 'and where it happened')
  }
  t.match(safeError(failing), { code: '22012' })
})

t.test('any other error stays as it is', async (t) => {
  const error = new Error('the mail server is away')
  t.equal(toSafeError(error), error)
  t.equal(safeMessage('text'), 'text')
})
