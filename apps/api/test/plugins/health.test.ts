import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const ready = () => desk.app.inject({ url: '/ready' })

t.test('with everything there', async (t) => {
  const health = await desk.app.inject({ url: '/health' })
  t.equal(health.statusCode, 200)
  t.match(health.json(), { status: 'ok', timestamp: /Z$/ })
  const answer = await ready()
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), { status: 'ready', checks: { postgres: { state: 'up' }, redis: { state: 'up' } } })
})

t.test('Redis away is degraded, and work goes on', async (t) => {
  const requester = sender(desk, await desk.person('Normal User'))
  desk.redis.disconnect()
  const answer = await ready()
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), {
    status: 'degraded',
    checks: { postgres: { state: 'up' }, redis: { state: 'down' } },
  })
  t.notMatch(answer.body, /127\.0\.0\.1|\d{4,5}|connection is/i, 'no address')
  const ticket = await makeTicket(requester)
  t.ok((await desk.owed()).length > 0, 'what is owed waits in the outbox')
  t.equal((await requester('GET', `/tickets/${ticket.id}`)).statusCode, 200)
  await desk.redis.connect()
  t.match((await ready()).json(), { status: 'ready' }, 'and it recovers')
})

t.test('PostgreSQL away is 503, and the process lives', async (t) => {
  const away = await createTestDesk(t)
  const send = sender(away, await away.person('Normal User'))
  await away.db.$client.end({ timeout: 1 })
  const answer = await away.app.inject({ url: '/ready' })
  t.equal(answer.statusCode, 503)
  t.match(answer.headers['retry-after'], /^\d+$/)
  t.match(answer.json(), {
    status: 'unavailable',
    checks: { postgres: { state: 'down' }, redis: { state: 'up' } },
  })
  t.equal((await away.app.inject({ url: '/health' })).statusCode, 200)
  const refused = await send('GET', '/tickets')
  isProblem(t, refused, 503, 'database_unavailable')
})
