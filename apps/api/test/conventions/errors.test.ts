import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

t.test('request ids are taken when sane, and returned', async (t) => {
  const desk = await createTestDesk(t)
  const ask = async (id: string) => {
    const answer = await desk.app.inject({ url: '/health', headers: { 'x-request-id': id } })
    return answer.headers['x-request-id']
  }
  t.equal(await ask('abc-123'), 'abc-123')
  for (const insane of ['', 'a b', 'x'.repeat(101), '<script>', 'a\tb']) {
    t.match(await ask(insane), /^[0-9a-f-]{36}$/, JSON.stringify(insane))
  }
  const bad = await desk.app.inject({ url: '/api/tickets', headers: { 'x-request-id': 'mine' } })
  t.equal(isProblem(t, bad, 401).request_id, 'mine')
})

t.test('an error is problem+json for those who name it', async (t) => {
  const desk = await createTestDesk(t)
  const typeFor = async (accept: string) => {
    const answer = await desk.app.inject({ url: '/api/tickets', headers: { accept } })
    isProblem(t, answer, 401)
    return String(answer.headers['content-type']).split(';')[0]
  }
  t.equal(await typeFor('application/json'), 'application/json')
  t.equal(await typeFor('*/*'), 'application/json')
  t.equal(await typeFor('application/problem+json'), 'application/problem+json')
  t.equal(await typeFor('application/json, application/problem+json;q=0.5'), 'application/problem+json')
})

t.test('members that are wrong are named', async (t) => {
  const desk = await createTestDesk(t)
  const send = sender(desk, await desk.person('Normal User'))
  const pathsOf = async (answer: ReturnType<typeof send>) =>
    isProblem(t, await answer, 400, 'validation_failed').errors.map((each) => each.path)
  const fine = { title: 'A title', description: 'A long description' }
  t.same(await pathsOf(send('POST', '/tickets', { ...fine, colour: 'red' })), ['colour'])
  t.same(await pathsOf(send('POST', '/tickets', { title: 'A title' })), ['description'])
  t.same(await pathsOf(send('POST', '/tickets', { ...fine, title: 7 })), ['title'])
  t.same(await pathsOf(send('POST', '/tickets', { ...fine, priority: 'Huge' })), ['priority'])
  t.same(await pathsOf(send('GET', '/tickets?per_page=0')), ['per_page'])
  t.same(await pathsOf(send('GET', '/tickets?colour=red')), ['colour'])
  t.same(await pathsOf(send('GET', '/tickets?status=Lost')), ['status'])
  t.same(await pathsOf(send('GET', '/tickets/abc')), ['id'])
})

t.test('an empty body with a JSON type is no body', async (t) => {
  const desk = await createTestDesk(t)
  const send = sender(desk, await desk.person('Normal User'))
  const json = { 'content-type': 'application/json' }
  t.equal((await send('GET', '/auth/me', '', json)).statusCode, 200)
  t.equal((await send('PUT', '/alerts/me/read-all', '', json)).statusCode, 200)
  t.equal((await send('PUT', '/alerts/me/read-all', '{}', json)).statusCode, 200)
  isProblem(t, await send('POST', '/tickets', '', json), 400, 'validation_failed')
  t.equal((await send('POST', '/auth/logout', '', json)).statusCode, 200)
})

t.test('an unknown content type is refused only where there is a body', async (t) => {
  const desk = await createTestDesk(t)
  const send = sender(desk, await desk.person('Normal User'))
  isProblem(t, await send('POST', '/tickets', 'x', { 'content-type': 'nonsense' }), 415)
  isProblem(t, await send('POST', '/tickets', 'x', { 'content-type': 'image/png' }), 415)
  isProblem(t, await send('POST', '/files/upload', '{}', { 'content-type': 'application/json' }), 415)
  const charset = { 'content-type': 'application/json; charset=utf-8' }
  t.equal((await send('PUT', '/users/me', '{"name": "Zoë Ünal"}', charset)).json().name, 'Zoë Ünal')
})

t.test('a database that cannot be reached is 503 with Retry-After', async (t) => {
  const desk = await createTestDesk(t)
  const headers = desk.as(await desk.person('Normal User'))
  await desk.db.$client.end({ timeout: 1 })
  const answer = await desk.app.inject({ url: '/api/tickets', headers })
  isProblem(t, answer, 503, 'database_unavailable')
  t.match(answer.headers['retry-after'], /^\d+$/)
  const ready = await desk.app.inject({ url: '/ready' })
  t.equal(ready.statusCode, 503)
  t.match(ready.json(), {
    status: 'unavailable',
    checks: { postgres: { state: 'down' }, redis: { state: 'up' } },
  })
  t.equal((await desk.app.inject({ url: '/health' })).statusCode, 200)
})
