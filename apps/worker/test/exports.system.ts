import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { exports } from '@servicedesk/db'
import { freePort } from '@servicedesk/dev'
import { createStores } from '@servicedesk/files'
import { createTestDesk, deskEnvironment, startAppProcess, type Teardown, until } from '@servicedesk/testing'
import { parse } from 'csv-parse/sync'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'

const ROWS = 150_000
const MB = 1024 ** 2

const desk = await createTestDesk(t, { dispatch: true })
const supervisor = await desk.person('Technical Supervisor')
const first = await desk.core.tickets.create(supervisor, {
  title: 'The first of very many',
  description: 'The others are copies of it.',
})
await desk.db.transaction(async (tx) => {
  // Their words are nothing here, and would take most of the time.
  await tx.execute(sql`SET LOCAL session_replication_role = replica`)
  await tx.execute(sql`
    INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, created_by, created_at, updated_at)
    SELECT 'Number ' || n || ' of very many, with a title of some length, a "quote" and an end', 'Ten letters.', status_id,
      status_class, priority_id, category_id, created_by, created_at, updated_at
    FROM tickets, generate_series(2, ${ROWS}::int) n WHERE id = ${first.id}`)
})
await desk.db.execute(sql`ANALYZE tickets`)

const rss = (pid: number | undefined) =>
  (Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / MB
const running = async () => {
  const rows = await desk.db.execute<{ pid: number; wait_event: string | null }>(
    sql`SELECT pid, wait_event FROM pg_stat_activity WHERE application_name = 'servicedesk-export'
      AND datname = current_database() AND query LIKE 'COPY%'`,
  )
  return [...rows]
}
const ended = (ms = 20_000) => until('the query has ended', async () => (await running()).length === 0, ms)

async function startApi(t: Teardown, shutdownTimeout = 10) {
  const port = await freePort()
  const api = await startAppProcess(t, 'api', {
    ...deskEnvironment(desk),
    JWT_SECRET_KEY: desk.config.secret,
    PORT: String(port),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'fatal',
    SHUTDOWN_TIMEOUT: String(shutdownTimeout),
  })
  /** An answer of which nothing is read yet. */
  const open = async () => {
    const asked = request({ port, path: '/api/v1/export/tickets.csv', headers: desk.as(supervisor) }).end()
    const [answer] = await once(asked, 'response')
    return { asked, answer }
  }
  return { api, open }
}

t.test('a reader who stops holds up the query and no memory; when gone, the query is too', async (t) => {
  const { api, open } = await startApi(t)
  const { answer: whole } = await open()
  let bytes = 0
  for await (const chunk of whole) bytes += chunk.length
  t.ok(bytes > 15 * MB, `${bytes} bytes`)
  await ended()
  const before = rss(api.pid)
  const { asked, answer } = await open()
  await once(answer, 'readable')
  await until('the server waits for its client', async () =>
    (await running()).some(({ wait_event }) => wait_event === 'ClientWrite'),
  )
  t.ok(rss(api.pid) - before < 64, `${Math.round(rss(api.pid) - before)} MB more`)
  answer.on('error', () => undefined)
  const at = performance.now()
  asked.destroy()
  await ended(5_000)
  t.ok(performance.now() - at < 1_000, `${Math.round(performance.now() - at)} ms`)
})

t.test('what breaks in the middle breaks the answer: no part looks whole', async (t) => {
  const { open } = await startApi(t)
  const { answer } = await open()
  await once(answer, 'readable')
  await until('it is in the middle', async () =>
    (await running()).some(({ wait_event }) => wait_event === 'ClientWrite'),
  )
  for (const { pid } of await running()) await desk.db.execute(sql`SELECT pg_terminate_backend(${pid}::int)`)
  answer.resume()
  const [error] = await once(answer, 'error')
  t.equal(error.code, 'ECONNRESET')
})

t.test('SIGTERM ends a stalled export by the deadline', async (t) => {
  const { api, open } = await startApi(t, 2)
  const { answer } = await open()
  answer.on('error', () => undefined)
  await until('it runs', async () => (await running()).length === 1)
  const over = once(api, 'exit')
  const at = performance.now()
  api.kill('SIGTERM')
  await over
  t.ok(performance.now() - at < 3_000, `${Math.round(performance.now() - at)} ms`)
  await ended(5_000)
})

t.test('a worker killed in the middle: another makes the file, whole and once', async (t) => {
  const start = () =>
    startAppProcess(t, 'worker', {
      ...deskEnvironment(desk),
      WORKER_QUEUES: 'exports',
      SMTP_URL: 'smtp://127.0.0.1:1',
      LOG_LEVEL: 'fatal',
    })
  const doomed = await start()
  const answer = await desk.app.inject({
    method: 'POST',
    url: '/api/v1/exports',
    headers: desk.as(supervisor),
    payload: {},
  })
  const { id } = answer.json()
  const row = async () => (await desk.db.select().from(exports).where(eq(exports.id, id)))[0]
  await until('the worker writes', async () => (await running()).length === 1)
  const gone = once(doomed, 'exit')
  doomed.kill('SIGKILL')
  await gone
  t.match(await row(), { status: /queued|running/ })
  await start()
  await until('the file is there', async () => (await row())?.status === 'ready', 90_000)
  const made = await row()
  t.match(made, { rows: ROWS, progress: 100 })
  const stores = createStores(desk.config.storage)
  const keys: string[] = []
  for await (const { key } of stores.of(stores.current).list()) keys.push(key)
  t.strictSame(keys, [made?.storageKey], 'one file')
  const file = await desk.app.inject({
    url: `/api/v1/exports/${id}/download`,
    headers: desk.as(supervisor),
  })
  t.equal(file.rawPayload.length, made?.bytes)
  const rows = parse(file.body, { columns: true }) as Record<string, string>[]
  t.equal(new Set(rows.map(({ ID }) => ID)).size, ROWS)
})
