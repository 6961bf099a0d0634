import { hashToken, newToken } from '@servicedesk/core'
import { authTokens, emailDeliveries, sessions, users } from '@servicedesk/db'
import { createTestClock, createTestDesk, TEST_PASSWORD } from '@servicedesk/testing'
import { and, eq, isNull } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const nobody = sender(desk)
const NEW = 'another password 42'

let people = 0
async function account() {
  people += 1
  const email = `account${people}@test.example`
  const person = await desk.person('Normal User', { email })
  const login = (password: string) => nobody('POST', '/auth/login', { email, password })
  return { id: person.id, email, own: sender(desk, person), login }
}
/** As a mail carries it. */
async function token(userId: number, purpose: 'verify_email' | 'password_reset' | 'invitation', hours = 2) {
  const value = newToken()
  const expiresAt = new Date(clock.now().getTime() + hours * 3_600_000)
  const row = { hash: hashToken(value), userId, purpose, createdAt: clock.now(), expiresAt }
  await desk.db.insert(authTokens).values(row)
  return value
}
const mailsOf = (userId: number) =>
  desk.db.select().from(emailDeliveries).where(eq(emailDeliveries.userId, userId)).orderBy(emailDeliveries.id)
const rowOf = async (id: number) => (await desk.db.select().from(users).where(eq(users.id, id)))[0]!
const liveSessions = (userId: number) =>
  desk.db.$count(sessions, and(eq(sessions.userId, userId), isNull(sessions.revokedAt)))

t.test('who registers is mailed a link, and confirms the address with its token once', async (t) => {
  const body = { email: 'rosa@test.example', password: NEW, name: 'Rosa Diaz' }
  const { user } = (await nobody('POST', '/auth/register', body)).json()
  t.equal(user.is_verified, false)
  t.match(await mailsOf(user.id), [{ template: 'verify_email', toEmail: body.email, status: 'queued' }])
  const mailed = await token(user.id, 'verify_email')
  t.equal((await nobody('POST', '/auth/verify-email', { token: mailed })).statusCode, 200)
  t.equal((await rowOf(user.id)).isVerified, true)
  const bad = [
    mailed,
    'unknown',
    '',
    await token(user.id, 'verify_email', -1),
    await token(user.id, 'invitation'),
  ]
  for (const each of bad) {
    const { errors } = isProblem(t, await nobody('POST', '/auth/verify-email', { token: each }), 400)
    t.match(errors, [{ path: 'token' }])
  }
  const reset = { token: await token(user.id, 'verify_email'), password: NEW }
  isProblem(t, await nobody('POST', '/auth/reset-password', reset), 400, undefined, 'opens nothing else')
})

t.test('a forgotten password: the same answer to everybody, a mail to who has an account', async (t) => {
  const known = await account()
  const gone = await account()
  await desk.db.update(users).set({ isActive: false }).where(eq(users.id, gone.id))
  const ask = (email: string) => nobody('POST', '/auth/forgot-password', { email })
  const before = await desk.db.$count(emailDeliveries)
  const answers = [
    await ask(known.email.toUpperCase()),
    await ask(gone.email),
    await ask('nobody@test.example'),
  ]
  for (const answer of answers) t.same([answer.statusCode, answer.body], [202, answers[0]?.body])
  t.match(await mailsOf(known.id), [{ template: 'password_reset', toEmail: known.email }])
  t.equal((await desk.db.$count(emailDeliveries)) - before, 1)

  await Promise.all([ask(known.email), ask(known.email)])
  t.equal((await mailsOf(known.id)).length, 1, 'asked again at once, no further mail')
  clock.advance(61_000)
  await Promise.all([ask(known.email), ask(known.email)])
  t.equal((await mailsOf(known.id)).length, 2, 'later, one')
  for (const email of ['', 'no address', 7, null]) {
    isProblem(t, await nobody('POST', '/auth/forgot-password', { email }), 400, 'validation_failed')
  }
})

t.test('a reset sets the password, ends every session, and no other link works', async (t) => {
  const { id, login } = await account()
  await login(TEST_PASSWORD)
  const [one, other] = [await token(id, 'password_reset'), await token(id, 'password_reset')]
  const reset = (value: string, password = NEW) =>
    nobody('POST', '/auth/reset-password', { token: value, password })
  isProblem(t, await reset(one, 'password123'), 400)
  t.equal((await reset(one)).statusCode, 200)
  t.equal(await liveSessions(id), 0)
  t.same([(await login(TEST_PASSWORD)).statusCode, (await login(NEW)).statusCode], [401, 200])
  for (const spent of [one, other]) isProblem(t, await reset(spent), 400, 'validation_failed')
})

t.test('a change of password keeps this session and ends the others', async (t) => {
  const { id, own, login } = await account()
  const refresh = (await login(TEST_PASSWORD)).json()
  const link = await token(id, 'password_reset')
  const change = (current_password: string, new_password: string) =>
    own('POST', '/auth/change-password', { current_password, new_password })
  t.match(isProblem(t, await change('wrong', NEW), 400).errors, [{ path: 'current_password' }])
  t.match(isProblem(t, await change(TEST_PASSWORD, 'password123'), 400).errors, [{ path: 'new_password' }])
  isProblem(t, await change(TEST_PASSWORD, 'short'), 400)
  t.equal(await liveSessions(id), 2, 'nothing has happened')
  t.equal((await change(TEST_PASSWORD, NEW)).statusCode, 200)
  t.equal((await own('GET', '/auth/me')).statusCode, 200)
  isProblem(t, await nobody('POST', '/auth/refresh', { refresh_token: refresh.refresh_token }), 401)
  t.equal(await liveSessions(id), 1)
  t.same([(await login(TEST_PASSWORD)).statusCode, (await login(NEW)).statusCode], [401, 200])
  isProblem(t, await nobody('POST', '/auth/reset-password', { token: link, password: NEW }), 400)
  const both = await Promise.all([change(NEW, `${NEW} a`), change(NEW, `${NEW} b`)])
  t.same(both.map((answer) => answer.statusCode).sort(), [200, 400], 'of two at once one')
  isProblem(
    t,
    await nobody('POST', '/auth/change-password', { current_password: NEW, new_password: NEW }),
    401,
  )
})

t.test('another address has yet to be confirmed, and links to the former one are dead', async (t) => {
  const { id } = await account()
  const admin = sender(desk, await desk.person('System Admin'))
  await desk.db.update(users).set({ isVerified: true }).where(eq(users.id, id))
  const links = [await token(id, 'verify_email'), await token(id, 'password_reset')] as const
  t.match((await admin('PATCH', `/users/${id}`, { name: 'Same Address' })).json(), { is_verified: true })
  t.match((await admin('PATCH', `/users/${id}`, { email: 'moved@test.example' })).json(), {
    is_verified: false,
  })
  isProblem(t, await nobody('POST', '/auth/verify-email', { token: links[0] }), 400)
  isProblem(t, await nobody('POST', '/auth/reset-password', { token: links[1], password: NEW }), 400)
})
