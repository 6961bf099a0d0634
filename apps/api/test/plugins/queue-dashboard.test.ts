import { createHmac } from 'node:crypto'
import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { browser, signInAtPage } from '../helpers/admin-pages.ts'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const { get, post } = browser(desk)
const admin = await desk.person('System Admin', { email: 'admin@test.example' })
const PAGES = ['/admin/queues', '/admin/queues/', '/admin/queues/api/queues', '/admin/queues/static/main.js']
const now = Math.floor(Date.now() / 1_000)
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A cookie made by hand. */
function forged(claims: object, secret = desk.config.secret): { cookie: string } {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  const signature = createHmac('sha256', secret).update(signed).digest('base64url')
  return { cookie: `servicedesk_admin=${signed}.${signature}` }
}
const claimsOf = ({ id, sessionId }: typeof admin) => ({ sub: String(id), sid: sessionId, exp: now + 600 })

t.test('an admin sees every queue', async (t) => {
  const headers = await signInAtPage(desk, 'admin@test.example')
  const page = await get('/admin/queues', headers)
  t.equal(page.statusCode, 200)
  t.match(page.headers['content-type'], /text\/html/)
  t.match(page.headers['content-security-policy'], /frame-ancestors 'none'/)
  const { queues } = (await get('/admin/queues/api/queues', headers)).json()
  t.same(queues.map(({ name }: { name: string }) => name).sort(), Object.keys(desk.queues).sort())
  t.equal(
    (await get('/admin/queues/api/queues', forged(claimsOf(admin)))).statusCode,
    200,
    'the forgery is right',
  )
})

t.test('everybody else sees nothing', async (t) => {
  const agent = await desk.person('Technical Supervisor')
  const cases: Record<string, Record<string, string>> = {
    'no cookie': {},
    'an empty cookie': { cookie: 'servicedesk_admin=' },
    garbage: { cookie: 'servicedesk_admin=a.b.c' },
    'another secret': forged(claimsOf(admin), 'another secret that is long enough'),
    expired: forged({ ...claimsOf(admin), exp: now - 1 }),
    'without an end': forged({ sub: String(admin.id), sid: admin.sessionId }),
    'an unknown session': forged({ ...claimsOf(admin), sid: '00000000-0000-4000-8000-000000000000' }),
    "a supervisor's": forged(claimsOf(agent)),
    "an admin's session for another": forged({ ...claimsOf(admin), sub: String(agent.id) }),
    "an admin's token, which the page does not ask for": desk.as(admin),
  }
  for (const [what, headers] of Object.entries(cases)) {
    for (const url of PAGES) isProblem(t, await get(url, headers), 401, 'unauthenticated', `${what}: ${url}`)
    const page = await get('/admin/queues', { ...headers, accept: 'text/html,*/*;q=0.8' })
    t.equal(page.statusCode, 303, what)
    t.equal(page.headers.location, '/admin?next=/admin/queues', 'a browser is led to the sign-in page')
  }
})

t.test('a demoted or deactivated admin is out at once', async (t) => {
  for (const [email, change] of [
    ['demoted@test.example', { role: 'agent' }],
    ['gone@test.example', { is_active: false }],
  ] as const) {
    const { id } = await desk.person('System Admin', { email })
    const headers = await signInAtPage(desk, email)
    t.equal((await get('/admin/queues', headers)).statusCode, 200)
    t.equal((await sender(desk, admin)('PATCH', `/users/${id}`, change)).statusCode, 200)
    isProblem(t, await get('/admin/queues', headers), 401, 'unauthenticated', email)
  }
})

t.test('no other site makes an admin’s browser change a queue', async (t) => {
  const { cookie } = await signInAtPage(desk, 'admin@test.example')
  const pause = (headers: Record<string, string>) =>
    desk.app.inject({
      method: 'PUT',
      url: '/admin/queues/api/queues/email/pause',
      headers: { cookie, ...headers },
    })
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost:80' },
    { origin: 'https://evil.example' },
  ]) {
    isProblem(t, await pause(headers), 403, 'cross_origin', JSON.stringify(headers))
    isProblem(t, await post('/admin/queues/api/queues/email/add', {}, { cookie, ...headers }), 403)
  }
  t.notOk(await desk.queues.email.isPaused())
  t.equal((await pause({ 'sec-fetch-site': 'same-origin' })).statusCode, 200)
  t.ok(await desk.queues.email.isPaused(), 'the board itself may')
})
