import { DELIVERY_STATUSES, type DeliveryStatus } from '@servicedesk/core'
import { emailDeliveries } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const admin = sender(desk, await desk.person('System Admin'))
const requester = await desk.person('Normal User')
const ticket = await makeTicket(sender(desk, requester))
const list = async (query = '') => (await admin('GET', `/admin/email-deliveries${query}`)).json()
const idsOf = async (query: string) => (await list(query)).deliveries.map(({ id }: { id: string }) => id)

/** Newest first, one of each status. */
const ids: string[] = []
for (const status of DELIVERY_STATUSES) ids.unshift(await delivery(status))

async function delivery(status: DeliveryStatus): Promise<string> {
  const [row] = await desk.db
    .insert(emailDeliveries)
    .values({
      id: sql`uuidv7()`,
      template: 'status_change',
      userId: requester.id,
      toEmail: requester.email,
      ticketId: ticket.id,
      eventSeq: 4,
      params: { title: 'words of people', token: 'a secret' },
      items: [{ template: 'new_message', event_seq: 4, at: '', params: { excerpt: 'words of people' } }],
      status,
      lastError: status === 'failed' ? 'no such mailbox' : null,
      sentAt: status === 'sent' ? new Date() : null,
      createdAt: new Date(),
    })
    .returning()
  return row?.id ?? ''
}
const [discarded, failed, sent, sending, queued] = ids

t.test('newest first, with what became of each and nothing of what it says', async (t) => {
  const answer = await admin('GET', '/admin/email-deliveries')
  t.equal(answer.statusCode, 200)
  t.notMatch(answer.body, /words of people|a secret/)
  const { deliveries, pagination } = answer.json()
  t.strictSame(
    deliveries.map(({ id }: { id: string }) => id),
    ids,
  )
  t.match(deliveries[1], {
    id: failed,
    template: 'status_change',
    user_id: requester.id,
    to_email: requester.email,
    ticket_id: ticket.ticket_id,
    event_seq: 4,
    status: 'failed',
    attempts: 0,
    reason: 'no such mailbox',
    sent_at: null,
  })
  t.match(deliveries[2].sent_at, /Z$/)
  t.match(pagination, { page: 1, per_page: 50, total: 5, pages: 1, has_next: false, next_cursor: null })
})

t.test('filtered by status, repeated or by commas', async (t) => {
  t.strictSame(await idsOf('?status=failed'), [failed])
  t.strictSame(await idsOf('?status=queued,sending'), [sending, queued])
  t.strictSame(await idsOf('?status=sent&status=discarded'), [discarded, sent])
  t.equal((await list('?status=failed')).pagination.total, 1)
  for (const query of ['status=lost', 'status=failed,lost', 'page=0', 'per_page=101', 'q=x', 'cursor=x']) {
    isProblem(t, await admin('GET', `/admin/email-deliveries?${query}`), 400, 'validation_failed', query)
  }
})

t.test('a cursor goes on with the filter it began with, and with no other', async (t) => {
  const first = await list('?per_page=2&status=failed,sent,queued')
  t.strictSame(
    first.deliveries.map(({ id }: { id: string }) => id),
    [failed, sent],
  )
  const { next_cursor } = first.pagination
  const rest = await list(`?per_page=2&status=queued,sent,failed&cursor=${next_cursor}`)
  t.strictSame(
    rest.deliveries.map(({ id }: { id: string }) => id),
    [queued],
  )
  t.strictSame(rest.pagination, { per_page: 2, has_next: false, has_prev: true, next_cursor: null })
  for (const query of ['', '&status=failed', '&status=failed,sent,queued&page=2']) {
    const answer = await admin('GET', `/admin/email-deliveries?cursor=${next_cursor}${query}`)
    isProblem(t, answer, 400, 'validation_failed', query)
  }
  const elsewhere = await admin('GET', `/admin/jobs/dead?cursor=${next_cursor}`)
  isProblem(t, elsewhere, 400, 'validation_failed', 'a cursor of another list')
})

t.test('totals past 10,000 are estimates that say so; the pages end there', async (t) => {
  await desk.db.execute(sql`INSERT INTO email_deliveries (id, template, to_email, params, status, created_at)
    SELECT uuidv7(), 'assignment', 'a@test.example', '{}', 'queued', now() FROM generate_series(1, 12000)`)
  await desk.db.execute(sql`ANALYZE email_deliveries`)
  const { pagination } = await list('?per_page=100&page=100')
  t.match(pagination, { total_is_estimate: true, pages: 100, has_next: true, next_cursor: /./ })
  t.ok(pagination.total > 10_000 && pagination.total < 14_000, String(pagination.total))
  isProblem(t, await admin('GET', '/admin/email-deliveries?per_page=100&page=101'), 400, 'validation_failed')
})

t.test('for admins only', async (t) => {
  isProblem(t, await sender(desk)('GET', '/admin/email-deliveries'), 401)
  for (const role of ['Normal User', 'Technical User', 'Technical Supervisor'] as const) {
    const answer = await sender(desk, await desk.person(role))('GET', '/admin/email-deliveries')
    isProblem(t, answer, 403, 'forbidden', role)
  }
})
