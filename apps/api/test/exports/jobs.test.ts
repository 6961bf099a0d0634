import assert from 'node:assert/strict'
import { createConfigurationCache, expireExports, type Stores, sweepOrphans } from '@servicedesk/core'
import { exports, outbox, tickets, users } from '@servicedesk/db'
import { createStores } from '@servicedesk/files'
import {
  connectClient,
  createTestClock,
  createTestDesk,
  startNode,
  startTestWorker,
  until,
} from '@servicedesk/testing'
import { handlers } from '@servicedesk/worker'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { storedFiles } from '../helpers/rows.ts'
import { makeTicket, type Send, sender } from '../helpers/send.ts'

const DAY_MS = 24 * 3_600_000
const clock = createTestClock()
const desk = await createTestDesk(t, { clock, dispatch: true })
const stores = createStores(desk.config.storage)
const supervisor = await desk.person('Technical Supervisor')
const send = sender(desk, supervisor)
for (const priority of ['Low', 'High', 'High']) await makeTicket(send, { priority, title: `=${priority}` })
const node = await startNode(t, desk)
await startTestWorker(t, desk, 'smtp://127.0.0.1:1', { clock })

/** Asks for an export, and waits until it is over. */
async function made(body: object | undefined, by: Send = send) {
  const asked = await by('POST', '/exports', body as never)
  assert.equal(asked.statusCode, 202, asked.body)
  return over(asked.json().id, by)
}
const over = (id: string, by: Send = send) =>
  until('the export is over', async () => {
    const view = (await by('GET', `/exports/${id}`)).json()
    return ['ready', 'failed'].includes(view.status) && view
  })
const get = (id: string, what = '', by: Send = send) => by('GET', `/exports/${id}${what}`)

t.test('asked for, made, told of on every node, and fetched: the same as the stream', async (t) => {
  const token = node.app.signAccessToken({ userId: supervisor.id, sessionId: supervisor.sessionId })
  const client = await connectClient(t, node.url, token)
  const other = await desk.person('Technical Supervisor')
  const stranger = await connectClient(
    t,
    node.url,
    node.app.signAccessToken({ userId: other.id, sessionId: other.sessionId }),
  )
  const asked = await send('POST', '/exports', { filters: { priority: 'high', created_by: ['me'] } })
  const { id, ...body } = asked.json()
  t.match(asked, { statusCode: 202, headers: { location: `/api/v1/exports/${id}` } })
  t.match(body, { status: 'queued', progress: 0, rows: null, expires_at: null, download_url: null })
  const ready = await client.next('export_progress', (payload) => payload.status === 'ready')
  const expires_at = new Date(clock.now().getTime() + DAY_MS).toISOString()
  t.match(ready, { id, progress: 100, rows: 2, expires_at, download_url: `/api/v1/exports/${id}/download` })
  t.match(await client.next('export_progress', (payload) => payload.status === 'running'), { id })
  t.notOk(
    stranger.received.some(({ event }) => event === 'export_progress'),
    'nobody else is told',
  )

  t.match((await get(id)).json(), { id, status: 'ready', progress: 100, rows: 2, expires_at, reason: null })
  const file = await get(id, '/download')
  t.match(file.headers, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': /attachment; filename="?tickets\.csv"?/,
    'cache-control': 'no-store',
  })
  t.equal(file.body, (await send('GET', '/export/tickets.csv?priority=high&created_by=me')).body)
  t.equal(Number(file.headers['content-length']), (await get(id)).json().bytes)
  const part = await send('GET', `/exports/${id}/download`, undefined, { range: 'bytes=0-1' })
  t.match(part, { statusCode: 206, body: 'ID' })
  t.match((await send('GET', '/exports?per_page=1')).json().exports, [{ id }], 'it is listed')
})

t.test('a search is the list’s: corrected where nothing is found, and no text is an error', async (t) => {
  const { id } = await makeTicket(send, { title: 'Kaleidoscope jammed' })
  for (const q of ['kaliedoscope', `${'- '.repeat(50)}kaleidoscope`]) {
    const view = await made({ filters: { q } })
    t.match(view, { status: 'ready', rows: 1 }, q)
    t.match((await get(view.id, '/download')).body, new RegExp(`^${id},`, 'm'))
  }
  await desk.db.update(tickets).set({ deletedAt: clock.now() }).where(eq(tickets.id, id))
})

t.test('without a body everything; with a key once', async (t) => {
  t.equal((await made(undefined)).rows, 3)
  const people = [...Array.from({ length: 99 }, (_, n) => 100_000 + n), supervisor.id]
  for (const created_by of [people, people.join(',')])
    t.equal((await made({ filters: { created_by } })).rows, 3)
  const keyed = () => send('POST', '/exports', { format: 'csv' }, { 'idempotency-key': 'twice' })
  const [one, two] = [await keyed(), await keyed()]
  t.strictSame(
    [two.statusCode, two.json().id, two.headers['idempotency-replayed']],
    [202, one.json().id, 'true'],
  )
  await over(one.json().id)
})

t.test('what means nothing is 400 and names the filter', async (t) => {
  const before = storedFiles(desk).length
  for (const [body, path] of [
    [{ filters: { status: 'Nowhere' } }, 'filters.status'],
    [{ filters: { created_after: 'yesterday' } }, 'filters.created_after'],
    [{ filters: { assigned_to: ['x'] } }, 'filters.assigned_to'],
    [{ filters: { assigned_to: `${'1,'.repeat(100)}1` } }, 'filters.assigned_to'],
    [{ filters: { assigned_to: Array.from({ length: 101 }, (_, n) => n + 1) } }, 'filters.assigned_to'],
    [{ filters: { team: ['x'.repeat(201)] } }, 'filters.team'],
    [{ filters: { sort: 'created_at' } }, 'filters.sort'],
    [{ format: 'xlsx' }, 'format'],
    [{ file: 1 }, 'file'],
  ] as const) {
    const { errors } = isProblem(t, await send('POST', '/exports', body), 400)
    t.equal(errors[0]?.path, path)
  }
  isProblem(t, await get('not-a-uuid'), 400)
  isProblem(t, await send('GET', '/exports?cursor=x'), 400)
  t.equal(storedFiles(desk).length, before)
})

t.test('it is its asker’s alone, and only while they may', async (t) => {
  const { id } = await made({})
  const other = sender(desk, await desk.person('System Admin'))
  for (const what of ['', '/download']) isProblem(t, await get(id, what, other), 404)
  t.strictSame((await other('GET', '/exports')).json().exports, [])
  for (const role of ['Normal User', 'Technical User'] as const) {
    const below = sender(desk, await desk.person(role))
    isProblem(t, await below('POST', '/exports', {}), 403)
    isProblem(t, await below('GET', '/exports'), 403)
  }
  const fallen = await desk.person('Technical Supervisor')
  const { id: theirs } = await made({}, sender(desk, fallen))
  await desk.db.update(users).set({ role: 'Technical User' }).where(eq(users.id, fallen.id))
  for (const what of ['', '/download']) isProblem(t, await get(theirs, what, sender(desk, fallen)), 403)

  const [late] = await desk.db
    .insert(exports)
    .values({
      id: crypto.randomUUID(),
      requestedBy: fallen.id,
      filters: {},
      status: 'queued',
      createdAt: clock.now(),
    })
    .returning()
  await run(late!.id)
  const [row] = await desk.db.select().from(exports).where(eq(exports.id, late!.id))
  t.match(row, { status: 'failed', reason: /may not export/, storageKey: null })
})

/** Runs the job here, as a worker would. */
async function run(id: string, more: { isLastAttempt?: boolean; stores?: Stores } = {}) {
  const ignore = () => undefined
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const [owed] = await desk.db
    .insert(outbox)
    .values({ queue: 'exports', name: 'export.make', payload: { export_id: id }, dispatchedAt: new Date() })
    .returning()
  const job = {
    name: 'export.make' as const,
    payload: { export_id: id },
    outboxId: owed!.id,
    attempt: 1,
    isLastAttempt: more.isLastAttempt ?? false,
    stalls: 0,
    log,
    db: desk.db,
    dispatch: ignore,
  }
  const deps = {
    clock,
    stores: more.stores ?? stores,
    reports: desk.db,
    configuration: createConfigurationCache(desk.db, clock, { groupSeconds: 0 }),
  }
  try {
    await handlers['export.make'](job, deps as never)
  } finally {
    await desk.db.update(outbox).set({ doneAt: new Date() }).where(eq(outbox.id, owed!.id))
  }
}

const waiting = async (filters: Record<string, unknown> = {}) => {
  const [row] = await desk.db
    .insert(exports)
    .values({
      id: crypto.randomUUID(),
      requestedBy: supervisor.id,
      filters,
      status: 'queued',
      createdAt: clock.now(),
    })
    .returning()
  return row!.id
}
const exportFiles = () => storedFiles(desk).filter((path) => path.endsWith('/export'))
/** The stores, with something that happens to the current one. */
const storesWith = (change: Partial<ReturnType<Stores['of']>>): Stores => ({
  ...stores,
  of: (name) => ({ ...stores.of(name), ...change }),
})

t.test(
  'a filter that has come to mean nothing, a store that is away: it has failed, and says so',
  async (t) => {
    const odd = await waiting({ team: ['Gone'] })
    await run(odd)
    t.match((await get(odd)).json(), { status: 'failed', reason: /team/, download_url: null })
    isProblem(t, await get(odd, '/download'), 409, 'export_failed')

    const id = await waiting()
    const broken = storesWith({ put: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:9000')) })
    await t.rejects(run(id, { stores: broken }))
    t.match((await get(id)).json(), { status: 'running' }, 'another try may follow')
    isProblem(t, await get(id, '/download'), 409, 'export_not_ready')
    await t.rejects(run(id, { stores: broken, isLastAttempt: true }))
    const failed = (await get(id)).json()
    t.equal(failed.status, 'failed')
    t.notMatch(failed.reason, /10\.0\.0\.7/, 'servers are not named')
  },
)

t.test('two workers at once: the file of one is kept, whole, and the other’s is gone', async (t) => {
  const id = await waiting()
  const before = exportFiles().length
  await Promise.all([run(id), run(id)])
  t.equal(exportFiles().length, before + 1)
  const file = await get(id, '/download')
  t.equal(file.body, (await send('GET', '/export/tickets.csv')).body)
})

t.test('the daily sweep keeps files that rows name and removes others', async (t) => {
  const { id } = await made({})
  const key = `ab/${crypto.randomUUID()}/export`
  await stores.of(stores.current).put(key, Buffer.from('of a worker that died'))
  const before = exportFiles().length
  const swept = await sweepOrphans(desk.db, stores, new Date(Date.now() + DAY_MS + 60_000))
  t.match([swept.unknown, swept.missing], [1, []])
  t.equal(exportFiles().length, before - 1)
  t.equal((await get(id, '/download')).statusCode, 200)
})

t.test('after a day it is gone: to its asker at once, with its bytes at the next prune', async (t) => {
  const { id } = await made({})
  clock.advance(DAY_MS + 1)
  for (const what of ['', '/download']) isProblem(t, await get(id, what), 404)
  t.strictSame((await send('GET', '/exports')).json().exports, [])
  const broken = storesWith({ remove: () => Promise.reject(new Error('away')) })
  await t.rejects(expireExports(desk.db, broken, clock.now()), /away/)
  t.ok(
    (await desk.db.select().from(exports).where(eq(exports.id, id))).length === 1,
    'kept for the next time',
  )
  // One in a store that this process has no settings for keeps no other.
  const { id: other } = await made({})
  clock.advance(DAY_MS + 1)
  await desk.db.update(exports).set({ store: 's3://gone' }).where(eq(exports.id, id))
  await t.rejects(
    expireExports(desk.db, stores, clock.now()),
    /1 expired exports were not removed: .*s3:\/\/gone/,
  )
  t.strictSame(
    (await desk.db.select({ id: exports.id }).from(exports)).map((row) => row.id),
    [id],
    `not ${other}`,
  )
  await desk.db.update(exports).set({ store: stores.current }).where(eq(exports.id, id))
  await expireExports(desk.db, stores, clock.now())
  t.strictSame([await desk.db.select().from(exports), exportFiles()], [[], []])
})
