import { refreshTokens, sessions, users } from '@servicedesk/db'
import { TEST_PASSWORD } from '@servicedesk/testing'
import { eq, isNull } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

const desk = await createCoreDesk(t)
const { auth } = desk.core
const bad = { kind: 'unauthenticated', code: 'invalid_refresh_token' }

async function signIn(email: string) {
  await desk.person('Normal User', { email })
  return auth.login({ email, password: TEST_PASSWORD }, { ip: null, userAgent: null })
}
const family = (sessionId: string) =>
  desk.db.select().from(refreshTokens).where(eq(refreshTokens.sessionId, sessionId))

t.test('ten refreshes at the same moment: one successor, one row of it', async (t) => {
  const { refreshToken, sessionId } = await signIn('ten@test.example')
  const grants = await Promise.all(Array.from({ length: 10 }, () => auth.refresh(refreshToken)))
  t.equal(new Set(grants.map((grant) => grant.refreshToken)).size, 1)
  const tokens = await family(sessionId)
  t.equal(tokens.length, 2)
  t.equal(tokens.filter((token) => token.spentAt === null).length, 1)
  t.notOk(
    tokens.some((token) => token.hash === refreshToken),
    'only hashes are kept',
  )
})

t.test('a spent token is explained for ten seconds and ends the family after them', async (t) => {
  const { refreshToken, sessionId } = await signIn('spent@test.example')
  const { refreshToken: next } = await auth.refresh(refreshToken)
  desk.clock.advance(10_000)
  t.equal((await auth.refresh(refreshToken)).refreshToken, next)
  desk.clock.advance(1)
  await t.rejects(auth.refresh(refreshToken), bad)
  t.match(await desk.db.select().from(sessions).where(eq(sessions.id, sessionId)), [
    { revokedAt: desk.clock.now(), revokeReason: 'refresh_token_replayed' },
  ])
  await t.rejects(auth.refresh(next), bad)
})

t.test('of an inactive account or an ended session nothing is renewed, and no row is written', async (t) => {
  const { refreshToken, sessionId, user } = await signIn('inactive@test.example')
  await desk.db.update(users).set({ isActive: false }).where(eq(users.id, user.id))
  await t.rejects(auth.refresh(refreshToken), bad)
  await desk.db.update(users).set({ isActive: true }).where(eq(users.id, user.id))
  await desk.core.sessions.logout({ sessionId })
  await t.rejects(auth.refresh(refreshToken), bad)
  const tokens = await family(sessionId)
  t.equal(tokens.length, 1)
  t.equal(tokens[0]?.spentAt, null)
})

t.test('replaying ends that family and no other', async (t) => {
  const one = await signIn('families@test.example')
  const two = await auth.login(
    { email: 'families@test.example', password: TEST_PASSWORD },
    { ip: null, userAgent: null },
  )
  await auth.refresh(one.refreshToken)
  desk.clock.advance(11_000)
  await t.rejects(auth.refresh(one.refreshToken), bad)
  t.ok(await auth.refresh(two.refreshToken))
  t.ok((await desk.db.$count(sessions, isNull(sessions.revokedAt))) >= 1)
})
