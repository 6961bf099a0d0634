import { createTestDesk, TEST_PASSWORD } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const nobody = sender(desk)
const login = (email: string, password = TEST_PASSWORD) => nobody('POST', '/auth/login', { email, password })

t.test('signs in with the right password, the address in any case', async (t) => {
  const person = await desk.person('Technical User', { name: 'Ada Byrne', email: 'ada@test.example' })
  for (const email of ['ada@test.example', 'ADA@Test.Example']) {
    const answer = await login(email)
    t.equal(answer.statusCode, 200)
    const { access_token, refresh_token, ...rest } = answer.json()
    t.same(rest, {
      success: true,
      user: { id: person.id, name: 'Ada Byrne', email: 'ada@test.example', role: 'Technical User' },
      token_type: 'bearer',
      expires_in: 1_800,
    })
    t.type(refresh_token, 'string')
    const me = await desk.app.inject({
      url: '/api/auth/me',
      headers: { authorization: `Bearer ${access_token}` },
    })
    t.equal(me.statusCode, 200)
    t.same(Object.keys(me.json()).sort(), [
      'created_at',
      'email',
      'first_name',
      'id',
      'is_verified',
      'last_login_at',
      'last_name',
      'name',
      'role',
    ])
    t.match(me.json(), { id: person.id, role: 'Technical User', created_at: /Z$/, last_login_at: /Z$/ })
  }
})

t.test('an unknown account, a wrong password and a deactivated account answer the same', async (t) => {
  await desk.person('Normal User', { email: 'known@test.example' })
  const gone = await desk.person('Normal User', { email: 'gone@test.example' })
  const admin = await desk.person('System Admin')
  await sender(desk, admin)('DELETE', `/users/${gone.id}`)
  const answers = await Promise.all([
    login('nobody@test.example'),
    login('known@test.example', 'wrong password'),
    login('gone@test.example'),
  ])
  const bodies = answers.map((answer) => {
    const body = isProblem(t, answer, 401, 'invalid_credentials')
    t.equal(body.success, false)
    return { ...body, request_id: undefined }
  })
  t.same(bodies[0], bodies[1])
  t.same(bodies[0], bodies[2])
})

t.test('deactivation ends what was signed in', async (t) => {
  const admin = sender(desk, await desk.person('System Admin'))
  const person = await desk.person('Normal User', { email: 'leaver@test.example' })
  const { refresh_token } = (await login('leaver@test.example')).json()
  t.equal((await admin('DELETE', `/users/${person.id}`)).statusCode, 200)
  isProblem(t, await sender(desk, person)('GET', '/auth/me'), 401, 'unauthenticated')
  isProblem(t, await nobody('POST', '/auth/refresh', { refresh_token }), 401, 'invalid_refresh_token')
})

t.test('a change of role ends sessions; one of name does not', async (t) => {
  const admin = sender(desk, await desk.person('System Admin'))
  const person = await desk.person('Normal User')
  const own = sender(desk, person)
  t.equal((await admin('PUT', `/users/${person.id}`, { name: 'Another Name' })).statusCode, 200)
  t.match((await own('GET', '/auth/me')).json(), { name: 'Another Name' })
  t.equal((await admin('PATCH', `/users/${person.id}`, { role: 'agent' })).statusCode, 200)
  isProblem(t, await own('GET', '/auth/me'), 401, 'unauthenticated')
})

t.test('logging out ends the access token and the refresh token', async (t) => {
  await desk.person('Normal User', { email: 'out@test.example' })
  const first = (await login('out@test.example')).json()
  const second = (await login('out@test.example')).json()
  const as = (token: string) => ({ authorization: `Bearer ${token}` })
  const refresh_token = first.refresh_token
  const out = await nobody('POST', '/auth/logout', { refresh_token }, as(first.access_token))
  t.equal(out.statusCode, 200)
  isProblem(t, await nobody('GET', '/auth/me', undefined, as(first.access_token)), 401)
  isProblem(t, await nobody('POST', '/auth/refresh', { refresh_token }), 401)
  t.equal((await nobody('GET', '/auth/me', undefined, as(second.access_token))).statusCode, 200)
})
