import { attachments, auditLog, emailDeliveries, outbox } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const boss = await desk.person('System Admin')
const admin = sender(desk, boss)
const ticket = await makeTicket(sender(desk, await desk.person('Normal User')))
const NOBODY = '00000000-0000-4000-8000-000000000000'

/** A dead letter; answers its id. */
async function dead(more: Partial<typeof outbox.$inferInsert> = {}): Promise<string> {
  const values = {
    queue: 'assignment',
    name: 'assignment.drain',
    payload: {},
    attempts: 1,
    dispatchedAt: new Date(),
    failedAt: new Date(),
    lastError: 'no answer',
  }
  const [row] = await desk.db
    .insert(outbox)
    .values({ ...values, ...more })
    .returning()
  return row?.id ?? ''
}
async function rowOf(id: string) {
  const [row] = await desk.db.select().from(outbox).where(eq(outbox.id, id))
  if (row === undefined) throw new Error(`no row ${id}`)
  return row
}
const list = async (query = '') => (await admin('GET', `/admin/jobs/dead${query}`)).json()
const idsOf = async (query: string) => (await list(query)).jobs.map(({ id }: { id: string }) => id)
const retry = (id: string) => admin('POST', `/admin/jobs/dead/${id}/retry`)

async function delivery(status: 'failed' | 'sent' | 'discarded') {
  const [row] = await desk.db
    .insert(emailDeliveries)
    .values({
      id: sql`uuidv7()`,
      template: 'status_change',
      toEmail: 'a@test.example',
      ticketId: ticket.id,
      params: { secret: 'words' },
      status,
      sentAt: status === 'sent' ? new Date() : null,
      createdAt: new Date(),
    })
    .returning()
  return row?.id ?? ''
}
async function attachment(thumbnail: 'failed' | 'ready') {
  const [row] = await desk.db
    .insert(attachments)
    .values({
      id: sql`uuidv7()`,
      ticketId: ticket.id,
      uploadedBy: boss.id,
      filename: 'a.png',
      extension: 'png',
      mimeType: 'image/png',
      category: 'images',
      bytes: 1,
      sha256: 'x',
      storageKey: sql`uuidv7()::text`,
      status: 'ready',
      thumbnail,
      createdAt: new Date(),
    })
    .returning()
  return row?.id ?? ''
}

t.beforeEach(() => desk.db.delete(outbox))

t.test('lists dead letters only, newest first, with why they died and what they are about', async (t) => {
  await desk.db.insert(outbox).values({ queue: 'sla', name: 'owed', payload: {} })
  await desk.db.insert(outbox).values({ queue: 'sla', name: 'done', payload: {}, doneAt: new Date() })
  const delivery_id = await delivery('failed')
  const attachment_id = await attachment('failed')
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
  const drain = await dead({ failedAt: at(1) })
  const mail = await dead({ failedAt: at(4), queue: 'email', name: 'email.send', payload: { delivery_id } })
  const thumb = await dead({ failedAt: at(2), name: 'thumbnail.make', payload: { attachment_id } })
  const assign = await dead({ failedAt: at(3), name: 'ticket.assign', payload: { ticket_id: ticket.id } })
  const { jobs, pagination } = await list()
  t.strictSame(
    jobs.map(({ id, ticket_id }: { id: string; ticket_id: string }) => [id, ticket_id]),
    [
      [mail, ticket.ticket_id],
      [assign, ticket.ticket_id],
      [thumb, ticket.ticket_id],
      [drain, null],
    ],
  )
  t.strictSame(jobs[0], {
    id: mail,
    queue: 'email',
    name: 'email.send',
    payload: { delivery_id },
    attempts: 1,
    reason: 'no answer',
    created_at: (await rowOf(mail)).createdAt.toISOString(),
    failed_at: '2026-01-01T00:00:04.000Z',
    ticket_id: ticket.ticket_id,
  })
  t.strictSame(pagination, {
    page: 1,
    per_page: 50,
    total: 4,
    pages: 1,
    has_next: false,
    has_prev: false,
    next_cursor: null,
  })
  t.strictSame(await idsOf('?queue=email'), [mail])
  t.strictSame(await idsOf('?name=ticket.assign'), [assign])
  t.strictSame(await idsOf('?queue=email&name=ticket.assign'), [])
  t.strictSame(await idsOf("?name=' OR true --".replaceAll(' ', '%20')), [])
})

t.test('pages and cursor reach each once, also of those that died in the same instant', async (t) => {
  const failedAt = sql`'2026-01-01 00:00:00.123456+00'::timestamptz` as unknown as Date
  const ids: string[] = []
  for (let n = 0; n < 7; n += 1) ids.unshift(await dead({ failedAt }))
  t.strictSame(await idsOf('?per_page=3&page=2'), ids.slice(3, 6))
  t.strictSame(await idsOf('?per_page=3&page=4'), [])
  const walked: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof list>> = await list(
      `?per_page=3${cursor === null ? '' : `&cursor=${cursor}`}`,
    )
    walked.push(...page.jobs.map(({ id }: { id: string }) => id))
    cursor = page.pagination.next_cursor
  } while (cursor !== null)
  t.strictSame(walked, ids)
  const { next_cursor } = (await list('?per_page=3')).pagination
  await retry(ids[2] ?? '')
  t.strictSame(await idsOf(`?per_page=9&cursor=${next_cursor}`), ids.slice(3), 'whatever became of its place')
})

t.test('instants that a hand has put out of reach hide no other dead letter, and are retried', async (t) => {
  const instant = (text: string) => sql`${text}::timestamptz` as unknown as Date
  const forever = await dead({ failedAt: instant('infinity'), createdAt: instant('-infinity') })
  const other = await dead()
  const ancient = await dead({ failedAt: instant('0044-03-15 12:00:00+00 BC') })
  t.strictSame(await idsOf(''), [forever, other, ancient])
  const { jobs, pagination } = await list('?per_page=1')
  t.match(jobs, [{ id: forever, created_at: null, failed_at: null, reason: 'no answer' }])
  t.strictSame(await idsOf(`?per_page=1&cursor=${pagination.next_cursor}`), [other])
  for (const id of [forever, ancient]) {
    const answer = await retry(id)
    t.equal(answer.statusCode, 202)
    t.equal((await rowOf(id)).failedAt, null)
  }
  t.strictSame(await idsOf(''), [other])
})

t.test('queries that make no sense', async (t) => {
  for (let n = 0; n < 2; n += 1) await dead()
  const { next_cursor } = (await list('?per_page=1')).pagination
  const [text, tag] = next_cursor.split('.')
  const cursors = [
    'x',
    `${next_cursor}x`,
    `${next_cursor}&page=1`,
    `${next_cursor}&queue=email`,
    text,
    `.${tag}`,
    `${text}.${tag.toLowerCase()}`,
    `${Buffer.from('["{}",["x"]]').toString('base64url')}.${tag}`,
  ]
  for (const query of [
    ...cursors.map((each) => `cursor=${each}`),
    'page=0',
    'per_page=101',
    'per_page=100&page=101',
    'q=x',
    'queue=',
  ]) {
    isProblem(t, await admin('GET', `/admin/jobs/dead?${query}`), 400, 'validation_failed', query)
  }
})

t.test('rows that somebody edited are listed and can be retried like any other', async (t) => {
  for (const payload of [
    'x',
    7,
    [],
    { ticket_id: 'x' },
    { delivery_id: '-'.repeat(36) },
    { ticket_id: 1e30 },
    { attachment_id: { a: 1 } },
  ]) {
    const id = await dead({ name: 'email.send', payload: sql`${JSON.stringify(payload)}::jsonb` })
    const [shown] = (await list()).jobs
    t.match(shown, { id, payload, ticket_id: null })
    t.equal((await retry(id)).statusCode, 202)
  }
})

t.test('a retry owes the job again under a new id, keeps its reason and says who', async (t) => {
  const id = await dead({ attempts: 20, dispatchLimit: 20 })
  desk.dispatched.length = 0
  const answer = await retry(id)
  t.equal(answer.statusCode, 202)
  t.match(answer.json(), { id, name: 'assignment.drain', reason: null, failed_at: null })
  const row = await rowOf(id)
  t.match(row, { failedAt: null, doneAt: null, dispatchedAt: null, lastError: null, attempts: 21 })
  t.equal(row.dispatchLimit, 41, 'it may be sent as often as before')
  t.ok(row.leaseUntil, 'this process dispatches it')
  t.match(desk.dispatched, [{ id, attempts: 21 }])
  const [entry] = await desk.db.select().from(auditLog).where(eq(auditLog.entityId, id))
  t.match(entry, {
    actorId: boss.id,
    action: 'retry',
    entity: 'job',
    data: { name: 'assignment.drain', reason: 'no answer', attempts: 20 },
  })
  t.strictSame((await list()).jobs, [])
})

t.test('what it is about can be done again; what was done meanwhile stays done', async (t) => {
  for (const [status, then] of [
    ['failed', 'queued'],
    ['sent', 'sent'],
    ['discarded', 'discarded'],
  ] as const) {
    const delivery_id = await delivery(status)
    await retry(await dead({ name: 'email.send', payload: { delivery_id } }))
    const [row] = await desk.db.select().from(emailDeliveries).where(eq(emailDeliveries.id, delivery_id))
    t.equal(row?.status, then)
  }
  for (const [thumbnail, then] of [
    ['failed', 'pending'],
    ['ready', 'ready'],
  ] as const) {
    const attachment_id = await attachment(thumbnail)
    await retry(await dead({ name: 'thumbnail.make', payload: { attachment_id } }))
    const [row] = await desk.db.select().from(attachments).where(eq(attachments.id, attachment_id))
    t.equal(row?.thumbnail, then)
  }
})

t.test('retried by many at once: one wins, the others are told', async (t) => {
  const id = await dead()
  const answers = await Promise.all(Array.from({ length: 8 }, () => retry(id)))
  const winners = answers.filter((answer) => answer.statusCode === 202)
  t.equal(winners.length, 1)
  for (const answer of answers) if (answer.statusCode !== 202) isProblem(t, answer, 409, 'job_not_dead')
  t.equal((await rowOf(id)).attempts, 2)
  t.equal(await desk.db.$count(auditLog, eq(auditLog.entityId, id)), 1)
})

t.test('only what is dead can be retried', async (t) => {
  const owed = await dead({ failedAt: null })
  const done = await dead({ failedAt: null, doneAt: new Date() })
  const before = [await rowOf(owed), await rowOf(done)]
  for (const id of [owed, done]) isProblem(t, await retry(id), 409, 'job_not_dead')
  t.strictSame([await rowOf(owed), await rowOf(done)], before)
  isProblem(t, await retry(NOBODY), 404, 'not_found')
  for (const id of ['x', '1', '-'.repeat(36), `${NOBODY}0`, '%00']) {
    isProblem(t, await retry(id), 400, 'validation_failed', id)
  }
})

t.test('numbers edited to where they end are a conflict, or do no harm', async (t) => {
  for (const attempts of [1_000_000, 999_999, 999_980]) {
    const id = await dead({ attempts })
    const before = await rowOf(id)
    isProblem(t, await retry(id), 409, 'job_attempts_exhausted', `${attempts}`)
    t.strictSame(await rowOf(id), before, 'it stays the dead letter that it was')
  }
  for (const dispatchLimit of [2 ** 31 - 1, -(2 ** 31)]) {
    const id = await dead({ attempts: 999_979, dispatchLimit })
    t.equal((await retry(id)).statusCode, 202)
    t.match(await rowOf(id), { attempts: 999_980, dispatchLimit: 1_000_000 })
  }
})

t.test('for admins only', async (t) => {
  const id = await dead()
  const paths = [
    ['GET', '/admin/jobs/dead'],
    ['POST', `/admin/jobs/dead/${id}/retry`],
  ] as const
  for (const [method, path] of paths) {
    isProblem(t, await sender(desk)(method, path), 401)
    for (const role of ['Normal User', 'Technical User', 'Technical Supervisor'] as const) {
      isProblem(t, await sender(desk, await desk.person(role))(method, path), 403, 'forbidden', role)
    }
  }
  t.ok((await rowOf(id)).failedAt)
})
