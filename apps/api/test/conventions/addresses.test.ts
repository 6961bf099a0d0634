import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'

t.test('one route table under both prefixes; a trailing slash never matters', async (t) => {
  const desk = await createTestDesk(t)
  const headers = desk.as(await desk.person('Normal User'))
  for (const url of [
    '/api/v1/tickets',
    '/api/tickets',
    '/api/v1/tickets/',
    '/api/tickets/',
    '/api/tickets/?page=1',
    '/api/auth/me',
    '/api/v1/auth/me/',
    '/api/config/priorities',
  ]) {
    const answer = await desk.app.inject({ url, headers })
    t.equal(answer.statusCode, 200, url)
  }
  const made = await desk.app.inject({
    method: 'POST',
    url: '/api/tickets/',
    headers,
    payload: { title: 'An older client', description: 'It posts to the short prefix.' },
  })
  t.equal(made.statusCode, 201)
})

t.test('pages and probes at the root, with their aliases', async (t) => {
  const desk = await createTestDesk(t)
  for (const url of ['/health', '/api/health', '/api/health/', '/ready', '/docs', '/docs/', '/api/docs']) {
    const answer = await desk.app.inject({ url })
    t.equal(answer.statusCode, 200, url)
  }
  const document = await desk.app.inject({ url: '/api/openapi.json' })
  t.equal(document.json().openapi.slice(0, 3), '3.1')
  t.match((await desk.app.inject({ url: '/api/docs' })).headers['content-type'], /text\/html/)
})

t.test('404 for what is no address, 405 with Allow for another method', async (t) => {
  const desk = await createTestDesk(t)
  const headers = desk.as(await desk.person('System Admin'))
  for (const url of ['/', '/api', '/api/v1', '/api/nothing', '/api/v1/tickets/1001/nothing', '/nothing']) {
    isProblem(t, await desk.app.inject({ url, headers }), 404, 'not_found', url)
    isProblem(t, await desk.app.inject({ url }), 404, 'not_found', `${url} by nobody`)
  }
  const cases = [
    ['DELETE', '/api/v1/tickets', 'GET, POST'],
    ['PATCH', '/api/tickets/', 'GET, POST'],
    ['POST', '/api/v1/tickets/1001', 'GET, PUT, PATCH'],
    ['GET', '/api/v1/auth/login', 'POST'],
    ['POST', '/health', 'GET'],
  ] as const
  for (const [method, url, allow] of cases) {
    const answer = await desk.app.inject({ method, url, headers })
    isProblem(t, answer, 405, 'method_not_allowed', `${method} ${url}`)
    const allowed = new Set(String(answer.headers.allow).split(', '))
    for (const each of allow.split(', ')) t.ok(allowed.has(each), `${url} allows ${each}: ${[...allowed]}`)
    t.notOk(allowed.has(method), `${url} does not list ${method}`)
  }
})

t.test('HEAD answers as GET, without a body', async (t) => {
  const desk = await createTestDesk(t)
  const headers = desk.as(await desk.person('Normal User'))
  const answer = await desk.app.inject({ method: 'HEAD', url: '/api/tickets', headers })
  t.equal(answer.statusCode, 200)
  t.equal(answer.body, '')
})
