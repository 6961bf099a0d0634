import { createTestClock, createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, type Send, sender } from '../helpers/send.ts'

interface List {
  tickets: { id: number; priority: string; created_at: string; updated_at: string }[]
  pagination: Record<string, unknown> & { has_next: boolean; next_cursor: string | null }
}

const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const staff = sender(desk, await desk.person('Technical User'))
const requester = await desk.person('Normal User')
const send = sender(desk, requester)
const PRIORITIES = ['Low', 'Critical', 'Medium', 'High']
const ids: number[] = []
/** Three tickets an instant, so that the order needs more than the time. */
async function add(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    if (ids.length % 3 === 0) clock.advance(1_000)
    ids.push((await makeTicket(send, { priority: PRIORITIES[ids.length % 4] })).id)
  }
}
await add(23)
// Out of the order of creation.
for (const id of [ids[4], ids[20], ids[11]]) {
  clock.advance(1_000)
  await staff('PATCH', `/tickets/${id}`, { description: `It was changed at ${clock.now().toISOString()}.` })
}
clock.advance(10_000)
const get = async (query: string, by: Send = staff): Promise<List> =>
  (await by('GET', `/tickets?${query}`)).json()
const idsOf = (list: List) => list.tickets.map(({ id }) => id)

/** Every page by cursor, from the first to the last; `between` runs after each. */
async function walk(
  query: string,
  between: () => Promise<unknown> = async () => undefined,
): Promise<number[]> {
  const seen: number[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: List = await get(cursor === '' ? query : `${query}&cursor=${cursor}`)
    seen.push(...idsOf(page))
    cursor = page.pagination.next_cursor
    await between()
  }
  return seen
}

t.test('pages by number', async (t) => {
  const newest = ids.toReversed()
  const first = await get('')
  t.same(idsOf(first), newest.slice(0, 10), 'ten, newest first')
  t.match(first.pagination, { page: 1, per_page: 10, total: 23, pages: 3, has_next: true, has_prev: false })
  t.type(first.pagination.next_cursor, 'string')
  const last = await get('page=3&per_page=10')
  t.same(idsOf(last), newest.slice(20))
  t.match(last.pagination, { page: 3, total: 23, has_next: false, has_prev: true, next_cursor: null })
  const beyond = await get('page=4')
  t.match(beyond, { tickets: [], pagination: { page: 4, total: 23, has_next: false, has_prev: true } })
  const exact = await get('per_page=23')
  t.match(exact.pagination, { total: 23, pages: 1, has_next: false, next_cursor: null })
  t.equal((await get('per_page=100&status=closed')).pagination.total, 0)
})

t.test('the last row that pages reach, and one further', async (t) => {
  t.match(await get('page=100&per_page=100'), { tickets: [], pagination: { page: 100 } })
  const { detail } = isProblem(t, await staff('GET', '/tickets?page=101&per_page=100'), 400)
  t.match(detail, /cursor/)
})

t.test('every sort, both ways, the same by pages and by cursor', async (t) => {
  const rank = (ticket: { priority: string }) =>
    ['Critical', 'High', 'Medium', 'Low'].indexOf(ticket.priority)
  const all = (await get('per_page=100')).tickets
  const compare: Record<string, (a: List['tickets'][number], b: List['tickets'][number]) => number> = {
    created_at: (a, b) => a.created_at.localeCompare(b.created_at),
    updated_at: (a, b) => a.updated_at.localeCompare(b.updated_at),
    priority: (a, b) => rank(a) - rank(b),
    due_at: (a, b) => dueAt(a).localeCompare(dueAt(b)),
  }
  for (const [name, by] of Object.entries(compare)) {
    const ascending = all.toSorted((a, b) => by(a, b) || a.id - b.id).map(({ id }) => id)
    for (const [sort, expected] of [
      [name, ascending],
      [`-${name}`, ascending.toReversed()],
    ] as const) {
      t.same(await walk(`sort=${sort}&per_page=7`), expected, `${sort} by cursor`)
      const pages = await Promise.all([1, 2, 3, 4].map((page) => get(`sort=${sort}&per_page=7&page=${page}`)))
      t.same(pages.flatMap(idsOf), expected, `${sort} by pages`)
    }
  }
})
const dueAt = (ticket: object) =>
  (ticket as { sla: { resolution: { due_at: string } } }).sla.resolution.due_at

t.test('a walk carries no total, and fixes filters, sort and caller', async (t) => {
  const first = await get('per_page=5&priority=low,high&sort=-created_at')
  const cursor = `cursor=${first.pagination.next_cursor}`
  const second = await get(`per_page=2&priority=high,low&${cursor}`)
  t.same(idsOf(second).length, 2, 'the page size may change')
  t.same(Object.keys(second.pagination).sort(), ['has_next', 'has_prev', 'next_cursor', 'per_page'])
  const bare = await get(`per_page=2&${cursor}`)
  t.same(idsOf(bare), idsOf(second), 'filters and sort are in the cursor')
  for (const query of [
    `${cursor}&priority=low`,
    `${cursor}&priority=low,high&status=new`,
    `${cursor}&priority=low,high&sort=created_at`,
    `${cursor}&priority=low,high&sort=-priority`,
    `${cursor}&priority=low,high&page=2`,
    `${cursor}x&priority=low,high`,
    'cursor=e30',
    'cursor=',
  ]) {
    isProblem(t, await staff('GET', `/tickets?${query}`), 400, 'validation_failed', query.slice(-40))
  }
  isProblem(t, await send('GET', `/tickets?priority=low,high&${cursor}`), 400, undefined, 'another’s cursor')
  isProblem(t, await send('GET', `/tickets?${cursor}`), 400, undefined, 'another’s bare cursor')
})

t.test('a walk while tickets are added and changed sees each of the old ones once', async (t) => {
  const before = [...ids]
  const newest = await walk('per_page=4', () => add(2))
  t.same(newest, before.toReversed(), 'newest first: nothing new comes in behind')
  const known = [...ids]
  let rounds = 0
  const oldest = await walk('per_page=4&sort=created_at', async () => {
    rounds += 1
    if (rounds <= 5) await add(2)
    await staff('PATCH', `/tickets/${known[rounds]}`, { priority: rounds % 2 === 0 ? 'Low' : 'High' })
  })
  t.same(oldest.slice(0, known.length), known)
  t.same(oldest, ids, 'oldest first: the new ones come at the end, each once')
})
