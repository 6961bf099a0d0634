import { emailDeliveries, users } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t, { config: { hidesAccounts: true } })
const nobody = sender(desk)
const PASSWORD = 'a password for tests 7'
const register = (email: string, more = {}) =>
  nobody('POST', '/auth/register', { email, password: PASSWORD, name: 'Rosa Diaz', ...more })
const mails = () =>
  desk.db
    .select({ template: emailDeliveries.template, to: emailDeliveries.toEmail })
    .from(emailDeliveries)
    .orderBy(emailDeliveries.id)

t.test('the answer does not tell who has an account; the mail goes to whoever reads it', async (t) => {
  await desk.person('Technical User', { email: 'known@test.example' })
  const gone = await desk.person('Normal User', { email: 'gone@test.example' })
  await desk.db.update(users).set({ isActive: false }).where(eq(users.id, gone.id))
  const answers = []
  for (const name of ['new', 'KNOWN', 'gone']) answers.push(await register(`${name}@test.example`))
  for (const answer of answers) {
    t.same([answer.statusCode, answer.body], [202, answers[0]?.body])
    t.notMatch(answer.body, /token|@/)
  }
  t.same(await mails(), [
    { template: 'invitation', to: 'new@test.example' },
    { template: 'password_reset', to: 'known@test.example' },
  ])
  const [made] = await desk.db.select().from(users).where(eq(users.email, 'new@test.example'))
  t.match(made, { role: 'Normal User', passwordHash: null, isVerified: false, name: 'Rosa Diaz' })
})

t.test('nobody signs in with a password that was sent before the address was proven', async (t) => {
  await register('stranger@test.example')
  const login = { email: 'stranger@test.example', password: PASSWORD }
  isProblem(t, await nobody('POST', '/auth/login', login), 401, 'invalid_credentials')
})

t.test('two at once make one account', async (t) => {
  const answers = await Promise.all([1, 2, 3, 4].map(() => register('race@test.example')))
  for (const answer of answers) t.equal(answer.statusCode, 202)
  t.equal(await desk.db.$count(users, eq(users.email, 'race@test.example')), 1)
})

t.test('what is wrong with a registration itself is said', async (t) => {
  const before = await contentOf(desk)
  isProblem(t, await register('known@test.example', { password: 'short' }), 400)
  isProblem(t, await register('known@test.example', { password: 'password123' }), 400)
  isProblem(t, await register('known@test.example', { name: ' ' }), 400)
  isProblem(t, await register('no address'), 400)
  t.same(await contentOf(desk), before)
})
