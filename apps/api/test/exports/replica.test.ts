import { closeDatabase, createDatabase, priorities } from '@servicedesk/db'
import { freePort } from '@servicedesk/dev'
import { createTestDatabase, createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

t.test('a replica that is away: exports say so, nothing else suffers', async (t) => {
  const reports = createDatabase(`postgres://x:x@127.0.0.1:${await freePort()}/none`)
  t.teardown(() => closeDatabase(reports, 0))
  const desk = await createTestDesk(t, { reports })
  const send = sender(desk, await desk.person('Technical Supervisor'))
  const ready = await desk.app.inject({ url: '/ready' })
  t.equal(ready.statusCode, 200)
  t.match(ready.json(), {
    status: 'degraded',
    checks: { postgres: { state: 'up' }, redis: { state: 'up' }, replica: { state: 'down' } },
  })
  t.notMatch(ready.body, /127\.0\.0\.1/, 'no address')
  const refused = await send('GET', '/export/tickets.csv')
  isProblem(t, refused, 503, 'database_unavailable')
  t.match(refused.headers['retry-after'], /^\d+$/)
  const { id } = await makeTicket(send)
  t.equal((await send('GET', `/tickets/${id}`)).statusCode, 200)
  t.equal((await send('GET', '/tickets')).statusCode, 200)
  t.equal((await send('POST', '/exports', {})).statusCode, 202, 'a job waits for it')
})

t.test('exports are read there and nowhere else, and nothing is written there', async (t) => {
  const other = await createTestDatabase()
  const reports = createDatabase(other.url, { isReadOnly: true })
  t.teardown(async () => {
    await closeDatabase(reports)
    await other.drop()
  })
  const desk = await createTestDesk(t, { reports })
  t.match((await desk.app.inject({ url: '/ready' })).json(), {
    status: 'ready',
    checks: { replica: { state: 'up' } },
  })
  const send = sender(desk, await desk.person('Technical Supervisor'))
  await makeTicket(send)
  const file = await send('GET', '/export/tickets.csv')
  t.match(file, { statusCode: 200, body: /^ID,[^\n]*\r\n$/ }, 'it knows of no ticket yet')
  await t.rejects(reports.update(priorities).set({ name: 'x' }), { cause: { code: '25006' } })
})
