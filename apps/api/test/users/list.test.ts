import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const admin = await desk.person('System Admin', { name: 'Adam Admin', email: 'adam@test.example' })
const send = sender(desk, admin)
await desk.person('Technical User', { name: 'Berta 100% Sure', email: 'berta@test.example', maxTickets: 7 })
await desk.person('Technical Supervisor', { name: 'Carl Chief', email: 'carl_c@test.example' })
const gone = await desk.person('Normal User', { name: 'Dora Gone', email: 'dora@test.example' })
await desk.person('Normal User', { name: 'Emil Empty', email: 'emil@test.example' })
await send('DELETE', `/users/${gone.id}`)

const namesOf = async (query: string) => {
  const answer = await send('GET', `/users?${query}`)
  return answer.json().users.map(({ name }: { name: string }) => name.split(' ')[0])
}

t.test('filters', async (t) => {
  t.same(await namesOf(''), ['Adam', 'Berta', 'Carl', 'Dora', 'Emil'])
  t.same(await namesOf('role=Technical%20User,Technical%20Supervisor'), ['Berta', 'Carl'], 'the agents')
  t.same(await namesOf('role=agent&role=SUPERVISOR'), ['Berta', 'Carl'], 'repeated, by short names')
  t.same(await namesOf('is_active=true'), ['Adam', 'Berta', 'Carl', 'Emil'])
  t.same(await namesOf('is_active=false'), ['Dora'])
  t.same(await namesOf('search=DORA'), ['Dora'], 'in any case')
  t.same(await namesOf('search=emil%40test'), ['Emil'], 'by address')
  t.same(await namesOf('search=%25'), ['Berta'], 'a percent sign is itself')
  t.same(await namesOf('search=_'), ['Carl'], 'so is an underscore')
  t.same(await namesOf('search=%5C'), [], 'and a backslash')
  t.same(await namesOf("search=' OR 1=1 --".replaceAll(' ', '%20')), [])
  t.same(await namesOf('role=agent&search=carl'), [], 'filters narrow each other')
})

t.test('agents show what assignment knows of them, others do not', async (t) => {
  const answer = await send('GET', '/users')
  const members = ['team', 'skills', 'max_tickets', 'is_available', 'out_of_office', 'active_tickets']
  for (const user of answer.json().users) {
    const isAgent = ['Technical User', 'Technical Supervisor'].includes(user.role)
    for (const member of members) t.equal(member in user, isAgent, `${user.name}: ${member}`)
  }
  t.equal(answer.json().users[1].max_tickets, 7)
})

t.test('pages', async (t) => {
  const first = (await send('GET', '/users?per_page=2')).json()
  t.same(first.pagination, {
    page: 1,
    per_page: 2,
    total: 5,
    pages: 3,
    has_next: true,
    has_prev: false,
    next_cursor: first.pagination.next_cursor,
  })
  t.same(await namesOf('per_page=2&page=2'), ['Carl', 'Dora'])
  const last = (await send('GET', '/users?per_page=2&page=3')).json()
  t.match(last.pagination, { has_next: false, has_prev: true })
  t.equal(last.users.length, 1)
  t.same(await namesOf('per_page=2&page=4'), [], 'past the end is empty')
  isProblem(t, await send('GET', '/users?per_page=100&page=101'), 400, 'validation_failed')
  t.equal((await send('GET', '/users')).json().pagination.per_page, 50)
})

t.test('a cursor walks the list, whoever comes or goes', async (t) => {
  const walk = async (query: string, cursor: string | null) =>
    (await send('GET', `/users?per_page=2&${query}${cursor === null ? '' : `&cursor=${cursor}`}`)).json()
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page: { users: { name: string }[]; pagination: { next_cursor: string | null } } = await walk(
      '',
      cursor,
    )
    seen.push(...page.users.map(({ name }) => name.split(' ')[0] ?? ''))
    cursor = page.pagination.next_cursor
  } while (cursor !== null)
  t.same(seen, ['Adam', 'Berta', 'Carl', 'Dora', 'Emil'])
  const { next_cursor } = (await walk('is_active=true', null)).pagination
  t.same((await walk('is_active=true', next_cursor)).users.length, 2)
  for (const [query, path] of [
    [`cursor=${next_cursor}`, 'cursor'],
    [`is_active=true&page=2&cursor=${next_cursor}`, 'page'],
    ['cursor=nonsense', 'cursor'],
  ] as const) {
    const { errors } = isProblem(t, await send('GET', `/users?${query}`), 400, 'validation_failed', query)
    t.equal(errors[0]?.path, path)
  }
})

t.test('queries that make no sense', async (t) => {
  for (const query of ['role=God', 'role=agent,God', 'is_active=maybe', 'page=0', 'per_page=101', 'q=x']) {
    isProblem(t, await send('GET', `/users?${query}`), 400, 'validation_failed', query)
  }
})
