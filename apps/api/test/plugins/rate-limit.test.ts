import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { A_TICKET, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t, { config: { isEmbedded: false } })

const NO_TOKEN = 'x'.repeat(43)

/** Sign-ins from an address; refused ones cost no hashing, because the body is wrong. */
const login = (remoteAddress: string, headers: Record<string, string> = {}) =>
  desk.app.inject({ method: 'POST', url: '/api/v1/auth/login', headers, payload: {}, remoteAddress })
const refresh = (remoteAddress: string) =>
  desk.app.inject({
    method: 'POST',
    url: '/api/v1/auth/refresh',
    payload: { refresh_token: NO_TOKEN },
    remoteAddress,
  })

async function exhaust(address: string): Promise<void> {
  for (let i = 0; i < 20; i++) await refresh(address)
}

t.test('twenty a minute and address, then 429 that says when', async (t) => {
  const first = await refresh('10.0.0.1')
  t.equal(first.statusCode, 401)
  t.match(first.headers, { 'ratelimit-limit': '20', 'ratelimit-remaining': '19', 'ratelimit-reset': /^\d+$/ })
  for (let left = 18; left >= 0; left--) {
    t.equal((await refresh('10.0.0.1')).headers['ratelimit-remaining'], String(left))
  }
  const refused = await refresh('10.0.0.1')
  isProblem(t, refused, 429, 'rate_limited')
  const seconds = Number(refused.headers['retry-after'])
  t.ok(seconds > 0 && seconds <= 60, `Retry-After ${seconds}`)
  t.equal(refused.headers['ratelimit-remaining'], '0')
  t.equal((await refresh('10.0.0.2')).statusCode, 401, 'another address is not concerned')
  t.equal((await login('10.0.0.1')).statusCode, 400, 'nor another route')
})

t.test('an address cannot be made up', async (t) => {
  await exhaust('10.0.0.3')
  for (const header of ['x-forwarded-for', 'forwarded', 'x-real-ip']) {
    const answer = await desk.app.inject({
      method: 'POST',
      url: '/api/v1/auth/refresh',
      headers: { [header]: '10.9.9.9' },
      payload: { refresh_token: NO_TOKEN },
      remoteAddress: '10.0.0.3',
    })
    isProblem(t, answer, 429, 'rate_limited', header)
  }
})

t.test('who is signed in is counted by account, whatever the address', async (t) => {
  const [one, other] = [await desk.person('Normal User'), await desk.person('Normal User')]
  const create = (actor: typeof one, remoteAddress: string) =>
    desk.app.inject({
      method: 'POST',
      url: '/api/tickets',
      headers: desk.as(actor),
      payload: A_TICKET,
      remoteAddress,
    })
  const first = await create(one, '10.1.0.1')
  const second = await create(one, '10.1.0.2')
  t.same(
    [first, second].map(({ headers }) => headers['ratelimit-remaining']),
    ['119', '118'],
  )
  t.equal((await create(other, '10.1.0.1')).headers['ratelimit-remaining'], '119')
})

t.test('uploads and the admin page are limited, reading is not', async (t) => {
  const send = sender(desk, await desk.person('System Admin'))
  const upload = await send('POST', '/files/upload', 'x', {
    'content-type': 'multipart/form-data; boundary=b',
  })
  t.equal(upload.headers['ratelimit-limit'], '60')
  const page = await desk.app.inject({ method: 'POST', url: '/admin/sign-in', payload: {} })
  t.equal(page.headers['ratelimit-limit'], '20')
  for (const url of ['/api/tickets', '/health', '/admin']) {
    t.equal((await desk.app.inject({ url })).headers['ratelimit-limit'], undefined, url)
  }
})

t.test('nodes count together, and alone while Redis is away', async (t) => {
  const node = await createTestDesk(t, {
    config: { isEmbedded: false, redisPrefix: desk.config.redisPrefix },
  })
  const there = () =>
    node.app.inject({
      method: 'POST',
      url: '/api/auth/refresh',
      payload: { refresh_token: NO_TOKEN },
      remoteAddress: '10.0.0.4',
    })
  await refresh('10.0.0.4')
  t.equal((await there()).headers['ratelimit-remaining'], '18')

  node.redis.disconnect()
  t.equal((await there()).headers['ratelimit-remaining'], '19', 'a count of its own')
  for (let i = 0; i < 19; i++) t.equal((await there()).statusCode, 401)
  isProblem(t, await there(), 429, 'rate_limited', 'nobody gets more because Redis is away')
  await node.redis.connect()
  t.equal((await there()).headers['ratelimit-remaining'], '17', 'and together again')
})
