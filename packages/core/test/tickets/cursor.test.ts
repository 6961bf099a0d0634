import { createCursorSeal, DomainError, encodeCursor } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'
import { decodeCursor, sameFilter } from '../../src/tickets/cursor.ts'
import { createCoreDesk } from '../helpers/desk.ts'

const seal = createCursorSeal('a secret of the desk')
const base = { filter: {}, descending: true, id: 1_001 }
const key = '2026-11-21 12:30:00.123456+00'
const ours = encodeCursor(seal, { ...base, sort: 'created_at', key })

function isRefused(text: string, by = seal): boolean {
  try {
    decodeCursor(by, text)
    return false
  } catch (error) {
    return error instanceof DomainError && error.kind === 'invalid' && error.fields[0]?.path === 'cursor'
  }
}

t.test('what was encoded is read back', async (t) => {
  const cursor = {
    ...base,
    sort: 'rank',
    key: '1e-20',
    filter: { q: 'printer', assignedNone: true },
  } as const
  t.strictSame(decodeCursor(seal, encodeCursor(seal, cursor)), cursor)
  const searched = { ...cursor, newest: 1_234, corrected: 'printer' }
  t.strictSame(decodeCursor(seal, encodeCursor(seal, searched)), searched)
  t.match(encodeCursor(seal, searched), /^[\w.-]+$/, 'nothing in it is escaped in URLs')
})

t.test('whatever the desk did not make is 400 and nothing worse', async () => {
  const unsealed = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const hostile = fc.oneof(
    fc.string(),
    fc.base64String(),
    fc.jsonValue().map(unsealed),
    fc.tuple(fc.jsonValue(), fc.base64String()).map(([value, tag]) => `${unsealed(value)}.${tag}`),
  )
  fc.assert(
    fc.property(hostile, (text) => isRefused(text)),
    { numRuns: 3_000 },
  )
})

t.test('nor is any that was tampered with, or is of another list or desk', async (t) => {
  const changed = fc
    .tuple(fc.nat(ours.length - 1), fc.constantFrom(...'AZaz09-_. =+'))
    .map(([at, char]) => ours.slice(0, at) + char + ours.slice(at + 1))
    .filter((text) => text !== ours)
  fc.assert(
    fc.property(changed, (text) => isRefused(text)),
    { numRuns: 2_000 },
  )
  for (let length = 0; length < ours.length; length += 1) t.ok(isRefused(ours.slice(0, length)))
  t.ok(isRefused(`${ours}A`))
  t.ok(isRefused(`${ours}=`))
  t.ok(isRefused(seal.seal('place', decodeCursor(seal, ours))), 'of another list')
  t.ok(isRefused(ours, createCursorSeal('the secret of another desk')))
})

t.test('walks see each ticket once, whether they repeat what they began with or not', async (t) => {
  const desk = await createCoreDesk(t)
  const agent = await desk.person('Technical User')
  const ids: number[] = []
  for (let n = 0; n < 11; n += 1) {
    const priority = ['Low', 'High', 'Medium'][n % 3]
    ids.push(await desk.ticket(agent, { title: `Printer ${n}`, ...(priority ? { priority } : {}) }))
  }
  const inOrder = async (query: object) =>
    (await desk.core.tickets.list(agent, { ...query, per_page: 100 })).tickets.map((each) => each.id)
  for (const sort of ['created_at', '-updated_at', 'priority', '-priority', 'due_at', '-due_at', undefined]) {
    const query = { per_page: 4, ...(sort === undefined ? { q: 'printer' } : { sort, status: ['New'] }) }
    for (const [how, again] of Object.entries({ repeated: query, bare: { per_page: 4 } })) {
      const seen: number[] = []
      let page = await desk.core.tickets.list(agent, query)
      for (;;) {
        seen.push(...page.tickets.map((each) => each.id))
        const cursor = page.pagination.next_cursor
        if (cursor === null) break
        page = await desk.core.tickets.list(agent, { ...again, cursor })
      }
      t.strictSame(seen, await inOrder(query), `by ${sort ?? 'rank'}, ${how}`)
      t.equal(seen.length, ids.length)
    }
  }
})

t.test('filters are the same whatever the order of their members', async (t) => {
  t.ok(sameFilter({ q: 'a', sla: 'ok' }, { sla: 'ok', q: 'a' }))
  t.notOk(sameFilter({ q: 'a' }, { q: 'b' }))
  t.notOk(sameFilter({ q: 'a' }, {}))
})
