import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { refusesBodies, refusesInUse } from '../helpers/refusals.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const admin = sender(desk, await desk.person('System Admin'))
const requester = sender(desk, await desk.person('Normal User'))

interface Category {
  id: number
  name: string
}
const all = async (): Promise<Category[]> => (await requester('GET', '/config/categories')).json()
const idOf = async (name: string) => (await all()).find((each) => each.name === name)?.id ?? 0
await admin('POST', '/config/teams', { name: 'Print shop' })

t.test('its team gets the tickets that are created in it', async (t) => {
  const answer = await admin('POST', '/config/categories', {
    name: 'Large Printers',
    description: 'Plotters too',
    team: 'print shop',
  })
  t.equal(answer.statusCode, 201, answer.body)
  const { id } = answer.json()
  const made = { id, name: 'Large Printers', description: 'Plotters too', team: 'Print shop' }
  t.same(answer.json(), made)
  t.same((await requester('GET', String(answer.headers.location).slice('/api/v1'.length))).json(), made)
  t.match(await makeTicket(requester, { category: 'large_printers' }), {
    category: 'Large Printers',
    team: 'Print shop',
  })
  const changed = await admin('PUT', `/config/categories/${id}`, { team: null })
  t.same(changed.json(), { ...made, team: null }, 'what is not sent stays')
  t.match(await makeTicket(requester, { category: 'Large Printers' }), { team: null })
  t.match((await admin('PUT', `/config/categories/${id}`, { ...made, id: 999 })).json(), made)
})

t.test('bad bodies', async (t) => {
  const bodies: [string, object][] = [
    ['name', { name: ' ' }],
    ['name', { name: 'this,that' }],
    ['name', { name: 'x'.repeat(101) }],
    ['description', { description: 5 }],
    ['description', { description: 'x'.repeat(1_001) }],
    ['team', { team: 'Nobody' }],
    ['team', { team: '' }],
    ['team', { team: 1 }],
    ['team_id', { team_id: 1 }],
  ]
  const id = await idOf('Network')
  await refusesBodies(
    t,
    desk,
    (body) => admin('POST', '/config/categories', { name: 'Fine', ...body }),
    bodies,
  )
  await refusesBodies(t, desk, (body) => admin('PUT', `/config/categories/${id}`, body), bodies)
  await refusesBodies(t, desk, (body) => admin('POST', '/config/categories', body), [
    ['name', { description: 'No name' }],
  ])
  isProblem(t, await admin('POST', '/config/categories', { name: 'NETWORK' }), 409, 'already_exists')
  isProblem(t, await admin('PUT', `/config/categories/${id}`, { name: 'Access' }), 409, 'already_exists')
})

t.test('one that is in use stays', async (t) => {
  const remove = (name: string) => async () => admin('DELETE', `/config/categories/${await idOf(name)}`)
  await refusesInUse(t, desk, remove('Large Printers'), /2 tickets/)
  const agent = await desk.person('Technical User')
  await admin('PATCH', `/users/${agent.id}`, { skills: [{ category: 'Access', level: 3 }] })
  await refusesInUse(t, desk, remove('Access'), /1 skills/)
  const targets = { first_response_minutes: 1, resolution_minutes: 2 }
  await admin('POST', '/config/sla-policies', { name: 'Mail', category: 'Email', ...targets })
  await refusesInUse(t, desk, remove('Email'), /1 SLA policies/)
  const id = await idOf('Other')
  t.equal((await admin('DELETE', `/config/categories/${id}`)).statusCode, 200)
  isProblem(t, await admin('DELETE', `/config/categories/${id}`), 404, 'not_found')
  isProblem(t, await requester('GET', `/config/categories/${id}`), 404, 'not_found')
  t.equal((await makeTicket(requester)).category, 'Large Printers', 'the default is gone: the last one')
})

t.test('created once under an Idempotency-Key, and seen at once', async (t) => {
  const key = { 'idempotency-key': 'category-1' }
  const first = await admin('POST', '/config/categories', { name: 'Phones' }, key)
  t.ok(await idOf('Phones'))
  const second = await admin('POST', '/config/categories', { name: 'Phones' }, key)
  t.equal(second.statusCode, 201)
  t.same(second.json(), first.json())
})
