import { createTestClock, createTestDesk, TEST_PASSWORD } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const nobody = sender(desk)

interface SignedIn {
  access_token: string
  refresh_token: string
}

let people = 0
/** Somebody who is signed in so many times. */
async function signedIn<N extends number>(times: N) {
  people += 1
  const email = `session${people}@test.example`
  const person = await desk.person('Normal User', { email })
  const signIns: SignedIn[] = []
  for (let n = 0; n < times; n += 1) {
    clock.advance(1_000)
    const headers = { 'user-agent': `Browser ${n}` }
    signIns.push((await nobody('POST', '/auth/login', { email, password: TEST_PASSWORD }, headers)).json())
  }
  return { person, signIns, own: sender(desk, person) }
}
const bearer = ({ access_token }: SignedIn) => ({ authorization: `Bearer ${access_token}` })
const isAlive = async (signIn: SignedIn) =>
  (await nobody('GET', '/auth/me', undefined, bearer(signIn))).statusCode === 200
const renews = async ({ refresh_token }: SignedIn) =>
  (await nobody('POST', '/auth/refresh', { refresh_token })).statusCode === 200
const alive = (signIns: SignedIn[]) => Promise.all(signIns.map(isAlive))

t.test('where one is signed in: newest first, with what tells them apart, no secrets', async (t) => {
  const { signIns } = await signedIn(2)
  await signedIn(1)
  const answer = await nobody('GET', '/auth/sessions', undefined, bearer(signIns[0]!))
  const { sessions } = answer.json()
  // The one that came with the person began at the real time, so anywhere among them.
  t.match(
    sessions.filter((each: { user_agent: string | null }) => each.user_agent !== null),
    [
      { user_agent: 'Browser 1', ip: '127.0.0.1', is_current: false },
      { user_agent: 'Browser 0', is_current: true, created_at: /Z$/, last_used_at: /Z$/, expires_at: /Z$/ },
    ],
  )
  t.equal(sessions.length, 3, 'one’s own only')
  t.same(Object.keys(sessions[0]).sort(), [
    ...['created_at', 'expires_at', 'id', 'ip', 'is_current', 'last_used_at', 'user_agent'],
  ])
})

t.test('one of them is ended; another’s, an ended and an unknown one are not known', async (t) => {
  const { signIns, own } = await signedIn(2)
  const stranger = await signedIn(1)
  const { sessions } = (await own('GET', '/auth/sessions')).json()
  const id = sessions.find((each: { user_agent: string }) => each.user_agent === 'Browser 0').id
  isProblem(t, await stranger.own('DELETE', `/auth/sessions/${id}`), 404, 'not_found')
  t.same(await alive(signIns), [true, true])
  t.equal((await own('DELETE', `/auth/sessions/${id}`)).statusCode, 200)
  t.same(await alive(signIns), [false, true])
  t.notOk(await renews(signIns[0]!))
  isProblem(t, await own('DELETE', `/auth/sessions/${id}`), 404)
  isProblem(t, await own('DELETE', '/auth/sessions/00000000-0000-4000-8000-000000000000'), 404)
  isProblem(t, await own('DELETE', '/auth/sessions/me'), 400)
})

t.test('all of them at once, and nobody else’s', async (t) => {
  const { signIns, own } = await signedIn(2)
  const other = await signedIn(1)
  t.match((await own('POST', '/auth/logout-all')).json(), { success: true })
  t.same(await alive(signIns), [false, false])
  t.same(await Promise.all(signIns.map(renews)), [false, false])
  isProblem(t, await own('POST', '/auth/logout-all'), 401)
  t.ok(await isAlive(other.signIns[0]!))
})

t.test('signing out by either token, or both; also when the access token is no good any more', async (t) => {
  const { signIns } = await signedIn(4)
  const out = (body: object | undefined, headers = {}) => nobody('POST', '/auth/logout', body, headers)
  const [one, two, three, four] = signIns as [SignedIn, SignedIn, SignedIn, SignedIn]
  t.equal((await out(undefined, bearer(one))).statusCode, 200)
  t.same(await alive(signIns), [false, true, true, true])
  t.equal((await out({ refresh_token: two.refresh_token })).statusCode, 200)
  t.same(await alive(signIns), [false, false, true, true])
  const expired = { authorization: 'Bearer a.b.c' }
  t.equal((await out({ refresh_token: three.refresh_token }, expired)).statusCode, 200)
  t.same(await alive(signIns), [false, false, false, true])
  t.equal((await out({ refresh_token: three.refresh_token })).statusCode, 200, 'twice is once')
  t.equal((await out({ refresh_token: 'unknown' }, bearer(four))).statusCode, 200)
  t.same(await alive(signIns), [false, false, false, false])
  for (const [body, headers] of [
    [undefined, {}],
    [{}, expired],
    [{ refresh_token: 'unknown' }, {}],
    [{ refresh_token: '' }, {}],
    [undefined, bearer(four)],
  ] as const) {
    isProblem(t, await out(body, headers), 401, 'unauthenticated')
  }
})

t.test('what has expired is no session any more', async (t) => {
  const { signIns, own } = await signedIn(2)
  clock.advance(6 * 24 * 3_600_000)
  t.ok(await renews(signIns[0]!))
  clock.advance(2 * 24 * 3_600_000)
  const { sessions } = (await nobody('GET', '/auth/sessions', undefined, bearer(signIns[0]!))).json()
  t.match(sessions, [{ user_agent: 'Browser 0' }])
  isProblem(t, await own('GET', '/auth/sessions'), 401)
})
