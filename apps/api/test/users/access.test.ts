import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const people = {
  user: await desk.person('Normal User'),
  agent: await desk.person('Technical User'),
  supervisor: await desk.person('Technical Supervisor'),
  admin: await desk.person('System Admin'),
}
const other = await desk.person('Normal User', { name: 'Olga Other' })
const NEW = { name: 'New Person', email: 'new@test.example', role: 'Normal User' }

t.test('only admins change accounts, and a refusal changes nothing', async (t) => {
  const before = await contentOf(desk)
  const requests = [
    ['POST', '/users', NEW],
    ['PUT', `/users/${other.id}`, { name: 'Another Name' }],
    ['PATCH', `/users/${other.id}`, { role: 'admin' }],
    ['DELETE', `/users/${other.id}`, undefined],
  ] as const
  for (const role of ['user', 'agent', 'supervisor'] as const) {
    const send = sender(desk, people[role])
    for (const [method, path, body] of requests) {
      isProblem(t, await send(method, path, body), 403, 'forbidden', `${role}: ${method} ${path}`)
    }
    const own = await send('PATCH', `/users/${people[role].id}`, { role: 'System Admin' })
    isProblem(t, own, 403, 'forbidden', `${role} promotes themselves`)
  }
  const nobody = sender(desk)
  for (const [method, path, body] of requests) isProblem(t, await nobody(method, path, body), 401)
  t.same(await contentOf(desk), before)
})

t.test('staff find and read everybody, requesters themselves', async (t) => {
  for (const role of ['agent', 'supervisor', 'admin'] as const) {
    const send = sender(desk, people[role])
    t.equal((await send('GET', '/users')).json().pagination.total, 5, `${role} lists`)
    t.equal((await send('GET', `/users/${other.id}`)).json().name, 'Olga Other', `${role} reads`)
  }
  const user = sender(desk, people.user)
  isProblem(t, await user('GET', '/users'), 403, 'forbidden')
  t.equal((await user('GET', `/users/${people.user.id}`)).json().id, people.user.id)
  const hidden = isProblem(t, await user('GET', `/users/${other.id}`), 404, 'not_found')
  const unknown = isProblem(t, await user('GET', '/users/999999'), 404, 'not_found')
  t.equal(hidden.detail, unknown.detail, 'one that exists looks like one that does not')
})

t.test('one changes one’s own name and nothing else', async (t) => {
  const user = sender(desk, people.user)
  const renamed = await user('PUT', '/users/me', { first_name: 'Uma', last_name: 'User' })
  t.equal(renamed.statusCode, 200)
  t.match(renamed.json(), { id: people.user.id, name: 'Uma User', first_name: 'Uma', last_name: 'User' })
  const before = await contentOf(desk)
  for (const body of [
    { role: 'System Admin' },
    { is_active: false },
    { email: 'else@test.example' },
    { password: 'correct horse battery 2' },
    { id: other.id, name: 'Not Olga' },
    { name: 'Uma User', max_tickets: 0 },
    { name: '' },
    { name: ' ' },
  ]) {
    const what = JSON.stringify(body)
    isProblem(t, await user('PUT', '/users/me', body), 400, 'validation_failed', what)
  }
  t.same(await contentOf(desk), before)
  t.equal((await user('GET', '/users/me')).json().name, 'Uma User', 'the session lives on')
})

t.test('no answer shows a password or its hash', async (t) => {
  const admin = sender(desk, people.admin)
  const password = 'a secret nobody may see'
  const made = await admin('POST', '/users', { ...NEW, email: 'secret@test.example', password })
  t.equal(made.statusCode, 201)
  const { id } = made.json()
  const answers = await Promise.all([
    admin('PATCH', `/users/${id}`, { password: `${password} 2` }),
    admin('GET', `/users/${id}`),
    admin('GET', '/users'),
    admin('GET', '/users/me'),
    admin('GET', '/auth/me'),
    admin('PATCH', `/users/${id}`, { password: 'short' }),
    admin('PATCH', `/users/${id}`, { password: { of: password } }),
  ])
  for (const { body } of [made, ...answers]) {
    t.notMatch(body, /argon2|_hash|passwordHash|nobody may see/, body.slice(0, 80))
  }
})
