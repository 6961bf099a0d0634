import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestDesk, until } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const supervisor = await desk.person('Technical Supervisor')
const send = sender(desk, supervisor)
await makeTicket(send)
await desk.app.listen({ port: 0, host: '127.0.0.1' })
const { port } = desk.app.server.address() as AddressInfo
const PATH = '/api/v1/export/tickets.csv'

const running = async () => {
  const rows = await desk.db.execute(
    sql`SELECT 1 FROM pg_stat_activity WHERE application_name = 'servicedesk-export' AND datname = current_database()
      AND query LIKE 'COPY%'`,
  )
  return rows.length
}
/** Nobody can read tickets until it is released. */
async function lockTickets(): Promise<() => Promise<void>> {
  let release: () => void = () => undefined
  let locked: () => void = () => undefined
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve
  })
  const work = desk.db.transaction(async (tx) => {
    await tx.execute(sql`LOCK TABLE tickets IN ACCESS EXCLUSIVE MODE`)
    locked()
    await new Promise<void>((resolve) => {
      release = resolve
    })
  })
  await isLocked
  return () => {
    release()
    return work
  }
}

t.test('a client that goes away before the first byte ends the query within a second', async (t) => {
  const release = await lockTickets()
  const asked = request({ port, path: PATH, headers: desk.as(supervisor) }).end()
  asked.on('error', () => undefined)
  await until('the query runs', async () => (await running()) === 1)
  const at = performance.now()
  asked.destroy()
  await until('the query has ended', async () => (await running()) === 0)
  t.ok(performance.now() - at < 1_000, 'in time')
  await release()
})

t.test('more than a node runs at once are told to come back', async (t) => {
  const release = await lockTickets()
  const four = [1, 2, 3, 4].map(() => send('GET', '/export/tickets.csv'))
  await until('four run', async () => (await running()) === 4)
  const refused = await send('GET', '/export/tickets.csv')
  isProblem(t, refused, 503, 'exports_busy')
  t.match(refused.headers['retry-after'], /^\d+$/)
  await release()
  for (const answer of await Promise.all(four)) {
    t.equal(answer.statusCode, 200)
    t.equal(answer.body.split('\r\n').length, 3, 'a header and a row')
  }
  await until('their sessions are given back', async () => (await running()) === 0)
  t.equal((await send('GET', '/export/tickets.csv')).statusCode, 200, 'and there is room again')
})

t.test('what fails before the first byte is a proper answer', async (t) => {
  const release = await lockTickets()
  const answer = send('GET', '/export/tickets.csv')
  await until('the query runs', async () => (await running()) === 1)
  await desk.db.execute(sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'servicedesk-export' AND datname = current_database()`)
  isProblem(t, await answer, 503, 'database_unavailable')
  t.equal((await answer).headers['content-disposition'], undefined)
  await release()
})
