import { createTestClock, createTestDesk, TEST_PASSWORD } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const nobody = sender(desk)
const refresh = (refresh_token: string) => nobody('POST', '/auth/refresh', { refresh_token })

async function signIn(email: string): Promise<{ access_token: string; refresh_token: string }> {
  await desk.person('Normal User', { email })
  const answer = await nobody('POST', '/auth/login', { email, password: TEST_PASSWORD })
  return answer.json()
}

t.test('a refresh token is spent for a new pair', async (t) => {
  const first = await signIn('one@test.example')
  const answer = await refresh(first.refresh_token)
  t.equal(answer.statusCode, 200)
  const second = answer.json()
  t.same(Object.keys(second).sort(), ['access_token', 'expires_in', 'refresh_token', 'token_type'])
  t.not(second.refresh_token, first.refresh_token)
  const headers = { authorization: `Bearer ${second.access_token}` }
  t.equal((await nobody('GET', '/auth/me', undefined, headers)).statusCode, 200)
  t.equal((await refresh(second.refresh_token)).statusCode, 200)
})

t.test('parallel refreshes within ten seconds get the same successor', async (t) => {
  const { refresh_token } = await signIn('parallel@test.example')
  const answers = await Promise.all([refresh(refresh_token), refresh(refresh_token), refresh(refresh_token)])
  clock.advance(9_000)
  answers.push(await refresh(refresh_token))
  t.same(
    answers.map((answer) => answer.statusCode),
    [200, 200, 200, 200],
  )
  const successors = new Set(answers.map((answer) => answer.json().refresh_token))
  t.equal(successors.size, 1)
  for (const successor of successors) t.equal((await refresh(successor)).statusCode, 200)
})

t.test('a spent token that comes back later ends the whole family', async (t) => {
  const first = await signIn('stolen@test.example')
  const second = (await refresh(first.refresh_token)).json()
  clock.advance(11_000)
  isProblem(t, await refresh(first.refresh_token), 401, 'invalid_refresh_token')
  isProblem(t, await refresh(second.refresh_token), 401, 'invalid_refresh_token')
  for (const { access_token } of [first, second]) {
    const headers = { authorization: `Bearer ${access_token}` }
    isProblem(t, await nobody('GET', '/auth/me', undefined, headers), 401, 'unauthenticated')
  }
})

t.test('refresh tokens live seven days, and each one anew', async (t) => {
  const { refresh_token } = await signIn('week@test.example')
  clock.advance(6.9 * 24 * 3_600_000)
  const later = await refresh(refresh_token)
  t.equal(later.statusCode, 200)
  clock.advance(6.9 * 24 * 3_600_000)
  const again = await refresh(later.json().refresh_token)
  t.equal(again.statusCode, 200)
  clock.advance(7.1 * 24 * 3_600_000)
  isProblem(t, await refresh(again.json().refresh_token), 401, 'invalid_refresh_token')
})

t.test('what is no refresh token', async (t) => {
  const { access_token } = await signIn('wrong@test.example')
  for (const token of ['', 'x', 'A'.repeat(43)]) isProblem(t, await refresh(token), 401)
  isProblem(t, await refresh(access_token.slice(0, 200)), 401, undefined, 'an access token')
})
