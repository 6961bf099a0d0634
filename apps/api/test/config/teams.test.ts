import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { refusesBodies, refusesInUse } from '../helpers/refusals.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const admin = sender(desk, await desk.person('System Admin'))
const second = sender(desk, await desk.person('System Admin'))
const requester = sender(desk, await desk.person('Normal User'))
const supervisor = await desk.person('Technical Supervisor')

const make = async (body: object): Promise<number> => {
  const answer = await admin('POST', '/config/teams', body)
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json().id
}
const parentOf = async (id: number) => (await admin('GET', `/config/teams/${id}`)).json().parent_id

t.test('a team with a parent and a supervisor', async (t) => {
  const parent = await make({ name: 'Infrastructure' })
  const id = await make({ name: 'Networks', parent_id: parent, supervisor_id: supervisor.id })
  const shown = {
    id,
    name: 'Networks',
    description: '',
    parent_id: parent,
    supervisor_id: supervisor.id,
  }
  t.same((await requester('GET', `/config/teams/${id}`)).json(), shown)
  const changed = await admin('PUT', `/config/teams/${id}`, { description: 'Cables', parent_id: null })
  t.same(changed.json(), { ...shown, description: 'Cables', parent_id: null })
})

t.test('a supervisor who left stays until somebody else is named', async (t) => {
  const leaver = await desk.person('Technical Supervisor')
  const id = await make({ name: 'Leaving', supervisor_id: leaver.id })
  const shown = (await admin('GET', `/config/teams/${id}`)).json()
  await admin('DELETE', `/users/${leaver.id}`)
  t.same((await admin('PUT', `/config/teams/${id}`, shown)).json(), shown)
  const other = await make({ name: 'Other team' })
  await refusesBodies(t, desk, (body) => admin('PUT', `/config/teams/${other}`, body), [
    ['supervisor_id', { supervisor_id: leaver.id }],
  ])
})

t.test('bad bodies', async (t) => {
  const agent = await desk.person('Technical User')
  const bodies: [string, object][] = [
    ['name', { name: '' }],
    ['name', { name: 'one, two' }],
    ['description', { description: null }],
    ['parent_id', { parent_id: 99_999 }],
    ['parent_id', { parent_id: 'Networks' }],
    ['parent_id', { parent_id: 0 }],
    ['supervisor_id', { supervisor_id: 99_999 }],
    ['supervisor_id', { supervisor_id: agent.id }],
    ['supervisor_id', { supervisor_id: -1 }],
    ['members', { members: [] }],
  ]
  const id = await make({ name: 'Desktop' })
  await refusesBodies(t, desk, (body) => admin('POST', '/config/teams', { name: 'Fine', ...body }), bodies)
  await refusesBodies(
    t,
    desk,
    (body) => admin('PUT', `/config/teams/${id}`, { name: 'Fine', ...body }),
    bodies,
  )
  await refusesBodies(t, desk, (body) => admin('POST', '/config/teams', body), [['name', {}]])
  isProblem(t, await admin('POST', '/config/teams', { name: 'desktop' }), 409, 'already_exists')
  isProblem(t, await admin('PUT', '/config/teams/99999', { name: 'Fine' }), 404, 'not_found')
})

t.test('no team is a part of itself', async (t) => {
  const a = await make({ name: 'A' })
  const b = await make({ name: 'B', parent_id: a })
  const c = await make({ name: 'C', parent_id: b })
  await refusesBodies(t, desk, (body) => admin('PUT', `/config/teams/${a}`, body), [
    ['parent_id', { parent_id: a }],
    ['parent_id', { parent_id: b }],
    ['parent_id', { parent_id: c }],
  ])
})

t.test('nor when two admins put two teams into each other at once', async (t) => {
  for (let round = 0; round < 5; round += 1) {
    const [a, b] = [await make({ name: `Left ${round}` }), await make({ name: `Right ${round}` })]
    const answers = await Promise.all([
      admin('PUT', `/config/teams/${a}`, { parent_id: b }),
      second('PUT', `/config/teams/${b}`, { parent_id: a }),
    ])
    t.same(answers.map(({ statusCode }) => statusCode).sort(), [200, 400])
    t.same([await parentOf(a), await parentOf(b)].filter((parent) => parent !== null).length, 1)
  }
})

t.test('one that is in use stays', async (t) => {
  const id = await make({ name: 'Busy' })
  const remove = () => admin('DELETE', `/config/teams/${id}`)
  const child = await make({ name: 'Busy child', parent_id: id })
  await refusesInUse(t, desk, remove, /1 teams/)
  await admin('DELETE', `/config/teams/${child}`)
  const member = await desk.person('Technical User', { teamId: id })
  await refusesInUse(t, desk, remove, /1 agents/)
  await admin('PATCH', `/users/${member.id}`, { team: null })
  const categories = (await admin('GET', '/config/categories')).json()
  const path = `/config/categories/${categories[0].id}`
  await admin('PUT', path, { team: 'Busy' })
  await refusesInUse(t, desk, remove, /1 categories/)
  const targets = { first_response_minutes: 1, resolution_minutes: 2 }
  const policy = await admin('POST', '/config/sla-policies', { name: 'Busy ones', team: 'Busy', ...targets })
  await admin('PUT', path, { team: null })
  await refusesInUse(t, desk, remove, /1 SLA policies/)
  await admin('DELETE', `/config/sla-policies/${policy.json().id}`)
  t.equal((await remove()).statusCode, 200)
  isProblem(t, await remove(), 404, 'not_found')

  const used = await make({ name: 'Has tickets' })
  await admin('PUT', path, { team: 'Has tickets' })
  await makeTicket(requester, { category: categories[0].name })
  await admin('PUT', path, { team: null })
  await refusesInUse(t, desk, () => admin('DELETE', `/config/teams/${used}`), /1 tickets/)
})

t.test('nobody but admins edits', async (t) => {
  const id = await make({ name: 'Guarded' })
  const people = await Promise.all(
    (['Normal User', 'Technical User', 'Technical Supervisor'] as const).map((role) => desk.person(role)),
  )
  const before = await contentOf(desk)
  const paths = ['priorities', 'categories', 'teams', 'sla-policies', 'calendars']
  for (const path of paths) {
    for (const person of people) {
      const send = sender(desk, person)
      isProblem(t, await send('POST', `/config/${path}`, {}), 403, 'forbidden', `${person.role} ${path}`)
      isProblem(t, await send('PUT', `/config/${path}/${id}`, {}), 403, 'forbidden')
      isProblem(t, await send('DELETE', `/config/${path}/${id}`), 403, 'forbidden')
      t.equal((await send('GET', `/config/${path}`)).statusCode, 200)
    }
  }
  t.same(await contentOf(desk), before)
})
