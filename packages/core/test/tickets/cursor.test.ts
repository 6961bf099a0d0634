import { DomainError, decodeCursor, encodeCursor, sameFilter } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const base = { filter: {}, descending: true, id: 1_001 }

t.test('what was encoded is read back', async (t) => {
  for (const [sort, key] of [
    ['created_at', '2026-11-21 12:30:00.123456+00'],
    ['updated_at', '2026-02-28 23:59:59+00'],
    ['due_at', 'infinity'],
    ['priority', '3'],
    ['rank', '0.06079271'],
    ['rank', '1e-20'],
  ] as const) {
    const cursor = { ...base, sort, key, filter: { q: 'printer', assignedNone: true } }
    t.strictSame(decodeCursor(encodeCursor(cursor)), cursor)
    const searched = { ...cursor, newest: 1_234, corrected: 'printer' }
    t.strictSame(decodeCursor(encodeCursor(searched)), searched)
  }
})

t.test('anything else is 400 and nothing worse', async () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    fc.array(fc.jsonValue(), { minLength: 5, maxLength: 5 }).map(forged),
  )
  fc.assert(
    fc.property(hostile, (text) => {
      try {
        decodeCursor(text)
        return false
      } catch (error) {
        return error instanceof DomainError && error.kind === 'invalid' && error.fields[0]?.path === 'cursor'
      }
    }),
    { numRuns: 3_000 },
  )
})

t.test('a key that does not fit its sort is refused before PostgreSQL sees it', async (t) => {
  for (const [sort, key] of [
    ['created_at', '5'],
    ['created_at', 'infinity'],
    ['created_at', '9999-99-99 99:99:99+00'],
    ['updated_at', '2026-02-30 00:00:00+00'],
    ['due_at', '-infinity'],
    ['priority', '1.5'],
    ['priority', '99999999999'],
    ['rank', '1e999'],
    ['rank', 'NaN'],
    ['constructor', '5'],
    ['toString', '5'],
  ]) {
    t.throws(
      () => decodeCursor(forged([{}, sort, true, key, 1])),
      { name: 'DomainError', kind: 'invalid' },
      `${sort} ${key}`,
    )
  }
  for (const more of [
    [2 ** 60],
    [1_001, '5'],
    [1_001, null, 5],
    [1_001, null, 'a\0b'],
    [1_001, null, 'a'.repeat(1_001)],
    [1_001, null, null, null],
  ]) {
    t.throws(() => decodeCursor(forged([{}, 'rank', true, '1', ...more])), {
      name: 'DomainError',
      kind: 'invalid',
    })
  }
})

t.test('every key that is accepted can be compared, and walks see each ticket once', async (t) => {
  const desk = await createCoreDesk(t)
  const agent = await desk.person('Technical User')
  const ids: number[] = []
  for (let n = 0; n < 11; n += 1) {
    const priority = ['Low', 'High', 'Medium'][n % 3]
    ids.push(await desk.ticket(agent, { title: `Printer ${n}`, ...(priority ? { priority } : {}) }))
  }
  for (const sort of ['created_at', '-updated_at', 'priority', '-priority', 'due_at', '-due_at', undefined]) {
    const query = { perPage: 4, ...(sort === undefined ? { q: 'printer' } : { sort }) }
    const seen: number[] = []
    let cursor: string | null | undefined
    do {
      const page = await desk.core.tickets.list(agent, { ...query, ...(cursor ? { cursor } : {}) })
      seen.push(...page.tickets.map((each) => each.id))
      cursor = page.pagination.next_cursor
    } while (cursor)
    t.strictSame(
      [...seen].sort((a, b) => a - b),
      ids,
      `by ${sort ?? 'rank'}`,
    )
  }
})

t.test('filters are the same whatever the order of their members', async (t) => {
  t.ok(sameFilter({ q: 'a', sla: 'ok' }, { sla: 'ok', q: 'a' }))
  t.notOk(sameFilter({ q: 'a' }, { q: 'b' }))
  t.notOk(sameFilter({ q: 'a' }, {}))
})
