import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'

const desk = await createTestDesk(t, { config: { isEmbedded: false } })
const KNOWN = 'https://desk.example'
const ask = (origin: string, url = '/health', app = desk.app) => app.inject({ url, headers: { origin } })
const preflight = (origin: string) =>
  desk.app.inject({
    method: 'OPTIONS',
    url: '/api/v1/tickets/1001',
    headers: { origin, 'access-control-request-method': 'PATCH' },
  })

t.test('a known origin may send and read what the contract names', async (t) => {
  const { statusCode, headers } = await preflight(KNOWN)
  t.equal(statusCode, 204)
  t.equal(headers['access-control-allow-origin'], KNOWN)
  t.equal(headers['access-control-allow-credentials'], 'true')
  const listed = (name: string) => String(headers[name]).split(/, */).sort()
  t.same(listed('access-control-allow-methods'), ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT'])
  t.same(listed('access-control-allow-headers'), [
    'Authorization',
    'Content-Type',
    'Idempotency-Key',
    'If-Match',
    'If-None-Match',
    'X-CSRF-Token',
    'X-Request-Id',
    'X-Requested-With',
  ])
  const answer = await ask(KNOWN, '/api/v1/tickets')
  t.equal(answer.statusCode, 401)
  t.equal(answer.headers['access-control-allow-origin'], KNOWN, 'errors can be read as well')
  t.same(String(answer.headers['access-control-expose-headers']).split(/, */).sort(), [
    'Content-Disposition',
    'ETag',
    'Location',
    'RateLimit',
    'RateLimit-Limit',
    'RateLimit-Remaining',
    'RateLimit-Reset',
    'Retry-After',
    'X-Request-Id',
  ])
  t.match(answer.headers.vary, /Origin/, 'a cache keeps the answers apart')
})

t.test('every other origin may not', async (t) => {
  const others = [
    'https://desk.example.evil.example',
    'https://evil-desk.example',
    'http://desk.example',
    'https://desk.example:8443',
    'https://DESK.example/',
    'null',
    'http://localhost:5173',
    '*',
  ]
  for (const origin of others) {
    for (const answer of [await ask(origin), await preflight(origin)]) {
      t.equal(answer.headers['access-control-allow-origin'], undefined, origin)
    }
  }
})

t.test('in embedded mode pages on localhost may, and no lookalikes', async (t) => {
  const { app } = await createTestDesk(t)
  for (const origin of [
    'http://localhost',
    'http://localhost:5173',
    'http://127.0.0.1:8080',
    'http://[::1]:3000',
  ]) {
    t.equal((await ask(origin, '/health', app)).headers['access-control-allow-origin'], origin)
  }
  for (const origin of [
    'https://localhost:5173',
    'http://localhost.evil.example',
    'http://localhost:5173.evil.example',
  ]) {
    t.equal((await ask(origin, '/health', app)).headers['access-control-allow-origin'], undefined, origin)
  }
})

t.test('every answer carries safe headers and no name of a product', async (t) => {
  for (const url of ['/health', '/api/v1/tickets', '/nothing', '/admin', '/docs', '/api/openapi.json']) {
    const { headers } = await desk.app.inject({ url })
    t.equal(headers['x-content-type-options'], 'nosniff', url)
    t.match(headers['x-frame-options'], /SAMEORIGIN|DENY/, url)
    t.equal(headers['cross-origin-resource-policy'], 'same-origin', url)
    t.match(headers['referrer-policy'], /no-referrer/, url)
    t.equal(headers['x-powered-by'], undefined)
    t.equal(headers.server, undefined)
    t.equal(headers['strict-transport-security'], undefined, 'plain http makes no promise')
  }
  const undecodable = await desk.app.inject({ url: '/%ff' })
  t.equal(undecodable.headers['x-content-type-options'], 'nosniff')
  const secure = await createTestDesk(t, { config: { publicUrl: 'https://desk.test' } })
  const { headers } = await secure.app.inject({ url: '/health' })
  t.match(headers['strict-transport-security'], /max-age=\d{7,}/)
})
