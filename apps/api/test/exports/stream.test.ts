import assert from 'node:assert/strict'
import { tickets } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { parse } from 'csv-parse/sync'
import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const supervisor = await desk.person('Technical Supervisor')
const requester = await desk.person('Normal User', { name: '=cmd|calc' })
const send = sender(desk, supervisor)
const FIRST = ['ID', 'Title', 'Status', 'Priority', 'Category', 'Created', 'Assigned']

const FORMULA_STARTS = [...'=+-@\t\r\n＝＋－＠﹢﹣﹦﹫']
/** What is not seen: Unicode's white space, controls, and what has no width. */
const UNSEEN = /[\u034f\p{White_Space}\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u
const BLANKS = Array.from({ length: 0xfffe }, (_, n) => String.fromCodePoint(n + 1)).filter((each) =>
  UNSEEN.test(each),
)

/** The file, and its rows as an independent reader has them. */
async function exported(query = '', path = '/export/tickets.csv') {
  const answer = await send('GET', `${path}?${query}`)
  assert.equal(answer.statusCode, 200, answer.body)
  return { answer, rows: parse(answer.body, { columns: true }) as Record<string, string>[] }
}

t.test('no ticket: a header, once', async (t) => {
  for (const path of ['/export/tickets.csv', '/export/tickets/excel']) {
    const { answer } = await exported('', path)
    t.match(answer.headers, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename=tickets.csv',
      'cache-control': 'no-store',
    })
    t.match(answer.body, new RegExp(`^${FIRST.join(',')},[^\\r\\n]*\\r\\n$`))
  }
})

t.test('a ticket in all its columns', async (t) => {
  const agent = await desk.person('Technical User', { name: 'Ann, "the" Lee' })
  const made = await makeTicket(sender(desk, requester), { title: 'Line one\r\nand "two"', priority: 'High' })
  await send('PUT', `/tickets/${made.id}/assign`, { agent_id: agent.id })
  await send('PUT', `/tickets/${made.id}/status`, { status: 'Resolved' })
  const ticket = (await send('GET', `/tickets/${made.id}`)).json()
  const { rows, answer } = await exported(`q=${made.ticket_id}`)
  const seconds = (text: string) => `${text.slice(0, 19)}Z`
  t.strictSame(rows, [
    {
      ID: String(made.id),
      Title: 'Line one\r\nand "two"',
      Status: 'Resolved',
      Priority: 'High',
      Category: 'Other',
      Created: seconds(ticket.created_at),
      Assigned: 'Ann, "the" Lee',
      Ticket: made.ticket_id,
      Team: '',
      Requester: `'=cmd|calc`,
      Updated: seconds(ticket.updated_at),
      'First Response': '',
      Resolved: seconds(ticket.resolved_at),
      Closed: '',
      Due: seconds(ticket.sla.resolution.due_at),
      SLA: 'met',
      Escalation: '0',
    },
  ])
  t.equal(answer.body.split('\r\n').length, 4, 'rows end with CRLF, and the cell has its own')
})

t.test('any title comes back as it was written, or defused', async (t) => {
  const made = await makeTicket(send)
  const nasty = fc.string({
    unit: fc.constantFrom(...FORMULA_STARTS, ...BLANKS, ...'",;\'\\%$ aé✅'),
    minLength: 3,
    maxLength: 40,
  })
  const samples = fc.sample(
    fc.oneof(nasty, fc.string({ unit: 'grapheme', minLength: 3, maxLength: 60 })),
    200,
  )
  const behindBlanks = [...BLANKS, ' \u00a0\u3000 '].flatMap((each) => [`${each}=1+1`, `${each}1+1`])
  const titles = [...samples, ...behindBlanks, '\\.\\.', '=1+1', '"""', `'=1`, '- - -', '﹢1+1'].filter(
    (each) => [...each].length >= 3 && !each.includes('\u0000') && !/\p{Surrogate}/u.test(each),
  )
  const [base] = await desk.db.select().from(tickets).where(eq(tickets.id, made.id))
  if (base === undefined) throw new Error('no ticket')
  const { id: _id, search: _search, ...fields } = base as typeof base & { search?: unknown }
  const ids = await desk.db
    .insert(tickets)
    .values(titles.map((title) => ({ ...fields, title })))
    .returning({ id: tickets.id })
  const { rows } = await exported()
  const byId = new Map(rows.map((row) => [row.ID, row.Title]))
  const first = (title: string) =>
    [...title].find((each) => FORMULA_STARTS.includes(each) || !UNSEEN.test(each)) ?? ''
  const expected = titles.map((title) => (FORMULA_STARTS.includes(first(title)) ? `'${title}` : title))
  t.strictSame(
    ids.map(({ id }) => byId.get(String(id))),
    expected,
  )
  t.equal(rows.length, (await desk.db.select().from(tickets)).length, 'no row is made of a title')
})

t.test('the filters of the list, and what is deleted is not there', async (t) => {
  const gone = await makeTicket(send, { priority: 'Critical' })
  await makeTicket(send, { priority: 'Critical', title: `It's "100%" $1 broken` })
  await desk.db.update(tickets).set({ deletedAt: new Date() }).where(eq(tickets.id, gone.id))
  for (const query of [
    '',
    'priority=critical',
    'priority=critical,high&status=new&status=resolved',
    'assigned_to=none',
    'assigned_to=me,none',
    `created_by=${requester.id}`,
    'sla=ok',
    'sla=violated,at_risk',
    'created_after=2020-01-01&created_before=2100-01-01T00:00:00Z',
    'created_before=2020-01-01',
    `q=${encodeURIComponent(`"broken" it's 100% $1 -printer`)}`,
    'q=printer&category=other',
  ]) {
    const listed = (await send('GET', `/tickets?per_page=100&sort=-created_at&${query}`)).json()
    const rows = (await exported(query)).rows.map((row) => Number(row.ID))
    t.equal(rows.length, listed.pagination.total, query)
    t.notOk(rows.includes(gone.id))
    t.strictSame(
      rows,
      [...rows].sort((a, b) => b - a),
      'newest first',
    )
    for (const { id } of listed.tickets) t.ok(rows.includes(id), `${id} of ${query}`)
  }
})

t.test('for supervisors and admins', async (t) => {
  for (const role of ['Normal User', 'Technical User'] as const) {
    isProblem(t, await sender(desk, await desk.person(role))('GET', '/export/tickets.csv'), 403)
  }
  isProblem(t, await sender(desk)('GET', '/export/tickets.csv'), 401)
  const admin = await sender(desk, await desk.person('System Admin'))('GET', '/export/tickets/excel')
  t.equal(admin.statusCode, 200)
})

t.test('a filter that means nothing is 400 and names it', async (t) => {
  for (const [query, path] of [
    ['status=Nowhere', 'status'],
    ['priority=x', 'priority'],
    ['assigned_to=bob', 'assigned_to'],
    ['sla=maybe', 'sla'],
    ['created_after=yesterday', 'created_after'],
    ['team=x', 'team'],
    ['page=2', 'page'],
    ['format=xml', 'format'],
  ] as const) {
    const refused = await send('GET', `/export/tickets.csv?${query}`)
    const { errors } = isProblem(t, refused, 400)
    t.equal(errors[0]?.path, path, query)
    const head = await send('HEAD', `/export/tickets.csv?${query}`)
    t.match(head, { statusCode: 400, body: '' }, `HEAD ${query}`)
    t.equal(head.headers['content-type'], refused.headers['content-type'])
  }
})

t.test('HEAD says what would come, and reads nothing', async (t) => {
  const { headers } = await send('GET', '/export/tickets.csv')
  const answer = await send('HEAD', '/export/tickets.csv?q=printer')
  t.match(answer, { statusCode: 200, body: '', headers: { 'content-type': 'text/csv; charset=utf-8' } })
  t.equal(answer.headers['content-disposition'], headers['content-disposition'])
  t.notOk('content-length' in answer.headers, 'nobody knows how long it would be')
})

t.test('a mistyped word finds what it finds in the list', async (t) => {
  const { id } = await makeTicket(send, { title: 'Kaleidoscope jammed' })
  for (const query of ['q=kaliedoscope', 'q=kaliedoscope&status=new', `q=${'-%20'.repeat(50)}kaliedoscope`]) {
    const listed = (await send('GET', `/tickets?${query}`)).json()
    t.match(listed, { tickets: [{ id }], corrected_query: /kaleidoscope/ }, query)
    t.match((await exported(query)).rows, [{ ID: String(id) }], query)
  }
  t.strictSame((await exported('q=kaliedoscope&status=closed')).rows, [], 'what is not there is not meant')
})
