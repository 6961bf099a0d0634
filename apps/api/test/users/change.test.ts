import { createTestDesk, TEST_PASSWORD } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const adminActor = await desk.person('System Admin')
const admin = sender(desk, adminActor)
const login = (email: string, password: string) => sender(desk)('POST', '/auth/login', { email, password })

t.test('PUT and PATCH are both partial', async (t) => {
  const person = await desk.person('Normal User', { name: 'Pat Partial', email: 'pat@test.example' })
  for (const method of ['PUT', 'PATCH'] as const) {
    const answer = await admin(method, `/users/${person.id}`, { last_name: `By ${method}` })
    t.equal(answer.statusCode, 200)
    t.match(answer.json(), {
      name: `Pat By ${method}`,
      first_name: 'Pat',
      last_name: `By ${method}`,
      email: 'pat@test.example',
      role: 'Normal User',
      is_active: true,
    })
  }
  const before = await contentOf(desk)
  t.equal((await admin('PATCH', `/users/${person.id}`, {})).statusCode, 200)
  t.same(await contentOf(desk), before, 'nothing asked, nothing changed')
})

t.test('a new password is good, the old one and its sessions are not', async (t) => {
  const person = await desk.person('Normal User', { email: 'pass@test.example' })
  const password = 'another good passphrase'
  t.equal((await admin('PATCH', `/users/${person.id}`, { password })).statusCode, 200)
  isProblem(t, await sender(desk, person)('GET', '/auth/me'), 401, 'unauthenticated')
  isProblem(t, await login('pass@test.example', TEST_PASSWORD), 401, 'invalid_credentials')
  t.equal((await login('pass@test.example', password)).statusCode, 200)
})

t.test('an agent’s team, skills, cap and presence', async (t) => {
  const agent = await desk.person('Technical User')
  await desk.db.$client`INSERT INTO teams (name) VALUES ('Field Service')`
  const skills = [
    { category: 'hardware', level: 5 },
    { category: 'Network', level: 1 },
  ]
  const out_of_office = { from: '2030-01-01T00:00:00Z', to: '2030-01-08T00:00:00Z' }
  const changes = { team: 'field service', skills, max_tickets: 3, is_available: false, out_of_office }
  const changed = (await admin('PATCH', `/users/${agent.id}`, changes)).json()
  t.match(changed, { team: 'Field Service', max_tickets: 3, is_available: false, active_tickets: 0 })
  t.same(changed.skills, [
    { category: 'Hardware', level: 5 },
    { category: 'Network', level: 1 },
  ])
  t.same(
    Object.values(changed.out_of_office).map((text) => Date.parse(String(text))),
    Object.values(out_of_office).map((text) => Date.parse(text)),
  )
  const cleared = await admin('PUT', `/users/${agent.id}`, { team: null, skills: [], out_of_office: null })
  t.match(cleared.json(), { team: null, skills: [], out_of_office: null, max_tickets: 3 })
})

t.test(
  'an agent who is away on dates is so from the start of the first to the end of the last',
  async (t) => {
    const agent = await desk.person('Technical User')
    for (const [given, kept] of [
      [{ from: '2030-12-24', to: '2030-12-31' }, ['2030-12-24T00:00:00.000Z', '2030-12-31T23:59:59.999Z']],
      [{ from: '2030-12-24', to: '2030-12-24' }, ['2030-12-24T00:00:00.000Z', '2030-12-24T23:59:59.999Z']],
      [{ from: '2030-12-24T12:00:00+02:00', to: null }, ['2030-12-24T10:00:00.000Z', null]],
    ] as const) {
      const answer = await admin('PATCH', `/users/${agent.id}`, { out_of_office: given })
      t.same(answer.json().out_of_office, { from: kept[0], to: kept[1] })
    }
  },
)

t.test('what only agents have cannot be given to others', async (t) => {
  const person = await desk.person('Normal User')
  const former = await desk.person('Technical User')
  t.equal((await admin('PATCH', `/users/${former.id}`, { role: 'customer' })).statusCode, 200)
  const before = await contentOf(desk)
  for (const { id } of [person, former]) {
    for (const body of [
      { max_tickets: 5 },
      { is_available: false },
      { out_of_office: { from: '2030-01-01T00:00:00Z' } },
      { skills: [{ category: 'Hardware', level: 1 }] },
      { skills: [] },
      { name: 'New Name', team: null },
    ]) {
      const answer = await admin('PATCH', `/users/${id}`, body)
      isProblem(t, answer, 409, 'not_an_agent', JSON.stringify(body))
    }
  }
  t.same(await contentOf(desk), before)
})

t.test('bad changes are refused whole', async (t) => {
  const agent = await desk.person('Technical User')
  await desk.person('Normal User', { email: 'mine@test.example' })
  const before = await contentOf(desk)
  const cases: [string, object][] = [
    ['role', { name: 'Good Name', role: 'God' }],
    ['email', { name: 'Good Name', email: 'no address' }],
    ['email', { email: null }],
    ['team', { name: 'Good Name', team: 'No Such Team' }],
    [
      'skills.1.category',
      {
        skills: [
          { category: 'Access', level: 1 },
          { category: 'Cooking', level: 1 },
        ],
      },
    ],
    [
      'skills.2.category',
      {
        skills: [
          { category: 'Access', level: 1 },
          { category: 'Network', level: 1 },
          { category: 'ACCESS', level: 2 },
        ],
      },
    ],
    ['skills.0.level', { skills: [{ category: 'Access', level: 6 }] }],
    ['skills.0.level', { skills: [{ category: 'Access', level: 1.5 }] }],
    ['max_tickets', { max_tickets: -1 }],
    ['max_tickets', { max_tickets: 100_001 }],
    ['out_of_office.to', { out_of_office: { from: '2030-01-02T00:00:00Z', to: '2030-01-01T00:00:00Z' } }],
    ['out_of_office.to', { out_of_office: { from: '2030-01-02', to: '2030-01-01' } }],
    ...[
      ...['tomorrow', '', '2030-02-30', '2030-01-01T10:00:00', '2026-12-31T23:59:60Z'],
      ...['2026-12-31T10:00:00+02', '0000-01-01T00:00:00Z', '0000-01-01', '2201-01-01T00:00:00Z'],
    ].flatMap((wrong): [string, object][] => [
      ['out_of_office.from', { out_of_office: { from: wrong } }],
      ['out_of_office.to', { out_of_office: { from: '2030-01-01T00:00:00Z', to: wrong } }],
    ]),
    ['is_active', { is_active: null }],
    ['active_tickets', { active_tickets: 0 }],
    ['id', { id: 1 }],
    ['password', { password: 'short' }],
  ]
  for (const [path, body] of cases) {
    const answer = await admin('PATCH', `/users/${agent.id}`, body)
    const { errors } = isProblem(t, answer, 400, 'validation_failed', JSON.stringify(body))
    t.equal(errors[0]?.path, path)
  }
  const taken = await admin('PATCH', `/users/${agent.id}`, { name: 'Good', email: 'Mine@test.example' })
  isProblem(t, taken, 409, 'email_taken')
  isProblem(t, await admin('PATCH', '/users/999999', { name: 'Nobody' }), 404, 'not_found')
  isProblem(t, await admin('DELETE', '/users/999999'), 404, 'not_found')
  t.same(await contentOf(desk), before)
})
