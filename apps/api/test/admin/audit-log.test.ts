import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const [ann, ben] = [await desk.person('System Admin', { name: 'Ann' }), await desk.person('System Admin')]
const send = sender(desk, ann)
const made = (await send('POST', '/config/teams', { name: 'Field Service' })).json()
await send('PUT', `/config/teams/${made.id}`, { name: 'Field' })
await sender(desk, ben)('POST', '/config/categories', { name: 'Robots' })
const log = async (query = '') => (await send('GET', `/admin/audit-log?${query}`)).json()
type Entry = { entity: string; action: string; actor_id: number }
const brief = ({ entries }: { entries: Entry[] }) => entries.map((each) => `${each.action} ${each.entity}`)

t.test('newest first, with who did it and what it was', async (t) => {
  const all = await log()
  t.same(brief(all), ['create category', 'update team', 'create team'])
  t.match(all.entries[1], {
    actor_id: ann.id,
    actor_name: 'Ann',
    entity_id: String(made.id),
    created_at: /Z$/,
  })
  t.same(all.entries[1].data, { before: { name: 'Field Service' }, after: { name: 'Field' } })
  t.match(all.pagination, { page: 1, per_page: 50, total: 3, has_next: false })
})

t.test('filters, alone and together, and a walk by cursor', async (t) => {
  t.same(brief(await log(`actor=${ben.id}`)), ['create category'])
  t.same(brief(await log('entity=team')), ['update team', 'create team'])
  t.same(brief(await log(`entity=team&entity_id=${made.id}&action=create`)), ['create team'])
  t.same(brief(await log('entity=nothing')), [])
  const first = await log('per_page=1&entity=team')
  t.same(brief(first), ['update team'])
  t.same(brief(await log(`per_page=1&entity=team&cursor=${first.pagination.next_cursor}`)), ['create team'])
  isProblem(t, await send('GET', `/admin/audit-log?cursor=${first.pagination.next_cursor}`), 400)
  isProblem(t, await send('GET', '/admin/audit-log?actor=ann'), 400)
})

t.test('for admins only', async (t) => {
  const supervisor = sender(desk, await desk.person('Technical Supervisor'))
  isProblem(t, await supervisor('GET', '/admin/audit-log'), 403)
  isProblem(t, await sender(desk)('GET', '/admin/audit-log'), 401)
})
