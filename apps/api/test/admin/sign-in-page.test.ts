import { sessions } from '@servicedesk/db'
import { createTestDesk, TEST_PASSWORD } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { browser, signInAtPage } from '../helpers/admin-pages.ts'
import { isProblem } from '../helpers/problem.ts'

const desk = await createTestDesk(t)
const { get, post } = browser(desk)
const admin = await desk.person('System Admin', { name: 'Ada <b>Admin</b>', email: 'admin@test.example' })
const EMAIL = 'admin@test.example'
const sessionsOf = (userId: number) => desk.db.select().from(sessions).where(eq(sessions.userId, userId))

t.test('the page asks nobody for a token, runs no script and is framed nowhere', async (t) => {
  const page = await get('/admin')
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], /^text\/html/)
  t.match(page.body, /<form method="post" action="\/admin\/sign-in">/)
  t.match(page.body, /autocomplete="current-password"/)
  const csp = String(page.headers['content-security-policy'])
  t.match(csp, /default-src 'none'/)
  t.match(csp, /frame-ancestors 'none'/)
  t.equal(page.headers['cache-control'], 'no-store')
  t.same(page.cookies, [])
})

t.test('signing in sets a cookie that scripts and other sites do not get', async (t) => {
  const answer = await post('/admin/sign-in', {
    email: EMAIL,
    password: TEST_PASSWORD,
    next: '/admin/queues',
  })
  t.equal(answer.statusCode, 303)
  t.equal(answer.headers.location, '/admin/queues')
  t.equal(answer.body, '')
  const [cookie, ...others] = answer.cookies
  t.same(others, [])
  t.match(cookie, { path: '/admin', httpOnly: true, sameSite: 'Strict', maxAge: 8 * 3_600 })
  const page = await get('/admin', { cookie: `${cookie?.name}=${cookie?.value}` })
  t.match(page.body, /Signed in as Ada &#60;b&#62;Admin&#60;\/b&#62;/, 'a name is text')
  t.match(page.body, /href="\/admin\/queues"/)
})

t.test('over https the cookie is for https only', async (t) => {
  const secure = await createTestDesk(t, { config: { trustedProxies: ['127.0.0.1'] } })
  await secure.person('System Admin', { email: EMAIL })
  const signIn = async (headers: Record<string, string>) => {
    const form = { email: EMAIL, password: TEST_PASSWORD }
    return (await browser(secure).post('/admin/sign-in', form, headers)).cookies[0]
  }
  t.match(await signIn({ 'x-forwarded-proto': 'https' }), { secure: true })
  t.notOk((await signIn({}))?.secure)
})

t.test('a wrong password, nobody and somebody else are not signed in', async (t) => {
  const agent = await desk.person('Technical Supervisor', { email: 'chief@test.example' })
  const before = [await sessionsOf(admin.id), await sessionsOf(agent.id)].map(({ length }) => length)
  const cases = [
    [401, { email: EMAIL, password: 'wrong password' }],
    [401, { email: 'nobody@test.example', password: TEST_PASSWORD }],
    [401, { email: EMAIL, password: '' }],
    [401, { email: EMAIL }],
    [401, {}],
    [403, { email: 'chief@test.example', password: TEST_PASSWORD }],
  ] as const
  for (const [status, fields] of cases) {
    const answer = await post('/admin/sign-in', fields)
    t.equal(answer.statusCode, status, JSON.stringify(fields))
    t.match(answer.headers['content-type'], /^text\/html/)
    t.match(answer.body, /role="alert"/)
    t.same(answer.cookies, [])
    t.notMatch(answer.body, /wrong password/, 'what was typed is not shown')
  }
  t.equal((await sessionsOf(admin.id)).length, before[0])
  const alive = (await sessionsOf(agent.id)).filter(({ revokedAt }) => revokedAt === null)
  t.equal(alive.length, before[1], 'no session is left to somebody who may not be here')
})

t.test('where to go next is only ever a page of ours', async (t) => {
  const good = ['/admin', '/admin/queues', '/admin/queues/queue/email?page=2']
  const bad = [
    '//evil.example',
    'https://evil.example/admin',
    '/admin@evil',
    '/administrator',
    '/docs',
    '/admin/\\x',
  ]
  for (const next of [...good, ...bad, '/admin/"><script>']) {
    const target = good.includes(next) ? next : '/admin'
    const fields = { email: EMAIL, password: TEST_PASSWORD, next }
    t.equal((await post('/admin/sign-in', fields)).headers.location, target, next)
    const page = await get(`/admin?next=${encodeURIComponent(next)}`)
    t.ok(page.body.includes(`name="next" value="${target}"`), `${next} in the form`)
  }
})

t.test('another site cannot sign anybody in or out', async (t) => {
  const { cookie } = await signInAtPage(desk, EMAIL)
  const foreign = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ]
  for (const headers of foreign) {
    const what = JSON.stringify(headers)
    const signIn = await post('/admin/sign-in', { email: EMAIL, password: TEST_PASSWORD }, headers)
    isProblem(t, signIn, 403, 'cross_origin', what)
    t.same(signIn.cookies, [])
    isProblem(t, await post('/admin/sign-out', {}, { ...headers, cookie }), 403, 'cross_origin', what)
  }
  t.match((await get('/admin', { cookie })).body, /Signed in as/, 'still signed in')
  const own = { origin: 'http://localhost:80', 'sec-fetch-site': 'same-origin' }
  const fine = await post('/admin/sign-in', { email: EMAIL, password: TEST_PASSWORD }, own)
  t.equal(fine.statusCode, 303)
})

t.test('signing out ends the session, not only the cookie', async (t) => {
  const { cookie } = await signInAtPage(desk, EMAIL)
  const out = await post('/admin/sign-out', {}, { cookie })
  t.equal(out.statusCode, 303)
  t.equal(out.headers.location, '/admin')
  t.match(out.cookies[0], { value: '', path: '/admin', httpOnly: true })
  t.match((await get('/admin', { cookie })).body, /Password/, 'the old cookie is worth nothing')
  t.equal((await post('/admin/sign-out')).statusCode, 303, 'nobody may sign out as well')
})
