import { createTestDesk } from '@servicedesk/testing'
import { pino } from 'pino'
import t from 'tap'
import { loggerOptions } from '../../src/logger.ts'
import { browser } from '../helpers/admin-pages.ts'
import { sender } from '../helpers/send.ts'

const lines: string[] = []
const logger = pino(loggerOptions('trace'), { write: (line: string) => lines.push(line) })
const desk = await createTestDesk(t, { logger })
const nobody = sender(desk)

/** What a request makes the API log. */
async function loggedBy(request: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  lines.length = 0
  await request()
  return lines.map((line) => JSON.parse(line))
}

t.test('a request is logged with its id, address, status and time', async (t) => {
  const headers = { 'x-request-id': 'the-id-of-this-test' }
  const entries = await loggedBy(() => desk.app.inject({ url: '/api/tickets?page=2', headers }))
  t.equal(entries.length, 1)
  t.match(entries[0], {
    reqId: 'the-id-of-this-test',
    req: { method: 'GET', url: '/api/v1/tickets?page=2' },
    res: { statusCode: 401 },
    responseTime: Number,
  })
})

t.test('probes do not fill the log', async (t) => {
  t.same(await loggedBy(() => desk.app.inject({ url: '/health' })), [])
  t.same(await loggedBy(() => desk.app.inject({ url: '/ready' })), [])
})

t.test('passwords, tokens and bodies are never in it', async (t) => {
  const SECRET = 'Zq7-never-to-be-seen'
  const admin = await desk.person('System Admin', { email: 'admin@test.example' })
  const auth = desk.as(admin)
  const token = auth.authorization.slice('Bearer '.length)
  const page = browser(desk)
  const json = { 'content-type': 'application/json' }
  const requests: Record<string, () => Promise<unknown>> = {
    login: () => nobody('POST', '/auth/login', { email: 'admin@test.example', password: SECRET }),
    register: () =>
      nobody('POST', '/auth/register', { email: `${SECRET}@x.example`, name: 'N', password: SECRET }),
    'the admin page': () => page.post('/admin/sign-in', { email: 'admin@test.example', password: SECRET }),
    refresh: () => nobody('POST', '/auth/refresh', { refresh_token: SECRET }),
    reset: () => nobody('POST', '/auth/reset-password', { token: SECRET, password: `${SECRET} 2` }),
    'a bad bearer': () => nobody('GET', '/tickets', undefined, { authorization: `Bearer ${SECRET}.b.c` }),
    'a bad cookie': () => page.get('/admin/queues', { cookie: `servicedesk_admin=${SECRET}` }),
    'the metrics token': () => page.get('/metrics', { authorization: `Bearer ${SECRET}` }),
    'malformed JSON': () => nobody('POST', '/auth/login', `{"password": "${SECRET}"`, json),
    'a wrong type': () => nobody('POST', '/auth/login', { email: SECRET, password: { is: SECRET } }),
    'a key': () => nobody('POST', '/tickets', { title: SECRET }, { ...auth, 'idempotency-key': SECRET }),
    'a new user': () =>
      nobody('POST', '/users', { name: SECRET, email: 'u@x.example', role: 'God', password: SECRET }, auth),
    'a signed link': () => page.get(`/api/v1/files/link/${SECRET}/photo.jpg`),
    'a token in an address': () => page.get(`/reset?token=${SECRET}`),
    'an access token in an address': () => page.get(`/api/tickets?page=1&access_token=${SECRET}`),
    'a password in an address': () => page.get(`/api/auth/login?email=a&password=${SECRET}`),
    'a path that cannot be decoded': () => page.get(`/api/%ff?refresh_token=${SECRET}`),
    'a search that works': () => nobody('GET', '/users/me', undefined, auth),
  }
  for (const [what, request] of Object.entries(requests)) {
    const entries = await loggedBy(request)
    const text = JSON.stringify(entries)
    t.ok(entries.length > 0, `${what} is logged`)
    t.notOk(text.includes(SECRET), `${what}: ${text}`)
    t.notOk(text.includes(token), `${what} has no token of anybody`)
  }
})

t.test('an error that nobody expected is logged with its stack, and no value of its query', async (t) => {
  const SECRET = 'words-of-a-requester'
  const person = await desk.person('Normal User')
  // A column that the product needs is gone: as unexpected as it gets.
  await desk.db.$client`ALTER TABLE tickets RENAME COLUMN description TO gone`
  t.teardown(() => desk.db.$client`ALTER TABLE tickets RENAME COLUMN gone TO description`)
  const entries = await loggedBy(async () => {
    const answer = await sender(desk, person)('POST', '/tickets', { title: SECRET, description: SECRET })
    t.equal(answer.statusCode, 500)
    t.notMatch(answer.body, /description|column|words-of/)
  })
  const error = entries.find(({ msg }) => msg === 'unexpected error')
  t.match(error, { level: 50, err: { stack: String } })
  t.notMatch(JSON.stringify(entries), /words-of-a-requester/)
})
