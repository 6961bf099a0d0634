import { emailDeliveries, users } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const admin = sender(desk, await desk.person('System Admin'))
const nobody = sender(desk)

t.test('with a password, to sign in at once', async (t) => {
  const password = 'a good long passphrase'
  const body = { name: 'Ada Byrne', email: 'Ada@Test.example', role: 'customer', password }
  const made = await admin('POST', '/users', body)
  t.equal(made.statusCode, 201)
  const user = made.json()
  t.equal(made.headers.location, `/api/v1/users/${user.id}`)
  t.same(user, {
    id: user.id,
    name: 'Ada Byrne',
    first_name: 'Ada',
    last_name: 'Byrne',
    email: user.email,
    role: 'Normal User',
    is_active: true,
    is_verified: user.is_verified,
    created_at: user.created_at,
    last_login_at: null,
  })
  t.match(user.created_at, /Z$/)
  t.equal(user.email.toLowerCase(), 'ada@test.example')
  const login = await nobody('POST', '/auth/login', { email: 'ada@test.example', password })
  t.equal(login.statusCode, 200)
  t.equal((await desk.owed()).length, 0, 'nobody is invited')
})

t.test('without one, an invitation is owed and nobody can sign in', async (t) => {
  const email = 'invited@test.example'
  const made = await admin('POST', '/users', { first_name: 'Ina', last_name: 'Vited', email, role: 'Agent' })
  t.equal(made.statusCode, 201)
  const { id, ...user } = made.json()
  t.match(user, { name: 'Ina Vited', role: 'Technical User', team: null, skills: [], max_tickets: 10 })
  t.match(user, { is_available: true, out_of_office: null, active_tickets: 0 })
  const [row] = await desk.db.select().from(users).where(eq(users.id, id))
  t.equal(row?.passwordHash, null)
  const deliveries = await desk.db.select().from(emailDeliveries).where(eq(emailDeliveries.userId, id))
  t.match(deliveries, [{ template: 'invitation', toEmail: email, status: 'queued' }])
  const mails = (await desk.owed()).filter(({ name }) => name === 'email.send')
  t.same(
    mails.map(({ payload }) => payload),
    [{ delivery_id: deliveries[0]?.id }],
  )
  const login = await nobody('POST', '/auth/login', { email, password: 'a good long passphrase' })
  isProblem(t, login, 401, 'invalid_credentials')
})

t.test('the same address, in any case, is a conflict', async (t) => {
  await desk.person('Normal User', { email: 'taken@test.example' })
  const before = await contentOf(desk)
  for (const email of ['taken@test.example', 'TAKEN@Test.Example']) {
    const made = await admin('POST', '/users', { name: 'A Twin', email, role: 'agent' })
    isProblem(t, made, 409, 'email_taken', email)
  }
  t.same(await contentOf(desk), before)
})

t.test('ten at once with one address make one account', async (t) => {
  const body = { name: 'One Only', email: 'once@test.example', role: 'agent' }
  const answers = await Promise.all(Array.from({ length: 10 }, () => admin('POST', '/users', body)))
  const statuses = answers.map(({ statusCode }) => statusCode).sort()
  t.same(statuses, [201, ...Array.from({ length: 9 }, () => 409)])
  const rows = await desk.db.select().from(users).where(eq(users.email, body.email))
  t.equal(rows.length, 1)
})

t.test('an Idempotency-Key makes one account and gives its answer again', async (t) => {
  const key = { 'idempotency-key': 'a-key-of-this-test' }
  const body = { name: 'Keyed Person', email: 'keyed@test.example', role: 'agent' }
  const first = await admin('POST', '/users', body, key)
  const again = await admin('POST', '/users', body, key)
  t.equal(again.statusCode, 201)
  t.same(again.json(), first.json())
  t.equal(again.headers['idempotency-replayed'], 'true')
  isProblem(t, await admin('POST', '/users', { ...body, name: 'Other' }, key), 422)
})

t.test('what cannot be an account is 400 and makes nothing', async (t) => {
  const fine = { name: 'Fine Person', email: 'fine@test.example', role: 'Normal User' }
  const before = await contentOf(desk)
  const cases: [string, object][] = [
    ['name', { ...fine, name: '' }],
    ['name', { ...fine, name: ' \t ' }],
    ['name', { email: fine.email, role: fine.role }],
    ['name', { ...fine, name: 'x'.repeat(201) }],
    ['email', { ...fine, email: 'no address' }],
    ['email', { ...fine, email: '' }],
    ['email', { ...fine, email: `${'x'.repeat(250)}@test.example` }],
    ['role', { ...fine, role: 'God' }],
    ['role', { ...fine, role: 'constructor' }],
    ['role', { name: fine.name, email: fine.email }],
    ['password', { ...fine, password: 'seven77' }],
    ['password', { ...fine, password: 'x'.repeat(129) }],
    ['password', { ...fine, password: 'password123' }],
    ['is_admin', { ...fine, is_admin: true }],
    ['is_active', { ...fine, is_active: true }],
  ]
  for (const [path, body] of cases) {
    const { errors } = isProblem(t, await admin('POST', '/users', body), 400, undefined, JSON.stringify(body))
    t.equal(errors[0]?.path, path)
  }
  t.same(await contentOf(desk), before)
})
