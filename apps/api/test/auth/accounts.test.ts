import { users } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const nobody = sender(desk)
const PASSWORD = 'a password for tests 7'

t.test('registration makes a Normal User, whatever the body says', async (t) => {
  const answer = await nobody('POST', '/auth/register', {
    email: 'Rosa@test.example',
    password: PASSWORD,
    name: 'Rosa Maria Diaz',
    role: 'System Admin',
  })
  t.equal(answer.statusCode, 201)
  const body = answer.json()
  t.match(body, {
    user: { id: Number, name: 'Rosa Maria Diaz', role: 'Normal User', is_verified: Boolean },
    access_token: /^[\w-]+\.[\w-]+\.[\w-]+$/,
    refresh_token: /^.{20,}$/,
    token_type: 'bearer',
    expires_in: 1_800,
  })
  const [row] = await desk.db.select().from(users).where(eq(users.id, body.user.id))
  t.equal(row?.role, 'Normal User')
  t.match(row?.passwordHash, /^\$argon2id\$/)
  t.notMatch(answer.body, /argon2|password/i, 'no hash in the answer')
})

t.test('a name in one or in two parts, or not at all', async (t) => {
  const register = async (email: string, names: object) => {
    const answer = await nobody('POST', '/auth/register', { email, password: PASSWORD, ...names })
    return answer.statusCode === 201 ? answer.json().user : answer.statusCode
  }
  t.match(await register('two@test.example', { first_name: 'Ada', last_name: 'Byrne' }), {
    name: 'Ada Byrne',
    first_name: 'Ada',
    last_name: 'Byrne',
  })
  t.match(await register('one@test.example', { name: 'Ada Byrne' }), {
    first_name: 'Ada',
    last_name: 'Byrne',
  })
  t.equal(await register('none@test.example', {}), 400)
  t.equal(await register('empty@test.example', { name: '' }), 400)
  t.equal(await register('blank@test.example', { name: '   ' }), 400)
})

t.test('an address has one account, in any case', async (t) => {
  const body = { email: 'once@test.example', password: PASSWORD, name: 'Once' }
  t.equal((await nobody('POST', '/auth/register', body)).statusCode, 201)
  isProblem(t, await nobody('POST', '/auth/register', body), 409, 'email_taken')
  isProblem(t, await nobody('POST', '/auth/register', { ...body, email: 'ONCE@test.example' }), 409)
  const both = await Promise.all(
    ['x', 'y'].map((name) =>
      nobody('POST', '/auth/register', { ...body, email: 'race@test.example', name: `Racer ${name}` }),
    ),
  )
  t.same(both.map((answer) => answer.statusCode).sort(), [201, 409], 'two at once')
})

t.test('passwords have 8 to 128 characters and are not common', async (t) => {
  const register = (password: string, email = 'pass@test.example') =>
    nobody('POST', '/auth/register', { email, password, name: 'Pass' })
  for (const password of ['short 7', 'x'.repeat(129), 'password123', 'Password123', '12345678']) {
    const { errors } = isProblem(t, await register(password), 400, undefined, password.slice(0, 20))
    t.match(errors, [{ path: 'password' }])
  }
  t.equal((await register('🔑'.repeat(8))).statusCode, 201, 'eight keys')
  t.equal((await register('🔑'.repeat(128), 'pass2@test.example')).statusCode, 201, '128 keys')
})

t.test('an address must be one', async (t) => {
  for (const email of ['', 'x', 'a@', '@b.example', 'a b@c.example', `${'x'.repeat(250)}@b.example`]) {
    const answer = await nobody('POST', '/auth/register', { email, password: PASSWORD, name: 'X' })
    isProblem(t, answer, 400, 'validation_failed', email.slice(0, 20))
  }
})
