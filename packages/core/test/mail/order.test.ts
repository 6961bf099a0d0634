import {
  type Actor,
  EarlierMailUnderWay,
  type MailSender,
  type OutgoingMail,
  recordFailure,
  recordSent,
  sendDelivery,
} from '@servicedesk/core'
import { type DeliveryStatus, emailDeliveries } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

const desk = await createCoreDesk(t)
// Staff who are no agents: they may be told of everything, and are given nothing.
const requester = await desk.person('System Admin')
const other = await desk.person('System Admin')
const arrived: number[] = []
/** The mail server: mails arrive when the worker's call ends. */
const send: MailSender = async (mail) => {
  arrived.push(Number(mail.params.seq))
}

interface Wanted {
  template?: string
  to?: Actor
  ticketId?: number | null
  status?: DeliveryStatus
  sendingAt?: Date
}

/** A delivery about an event of a ticket; answers its id. */
async function delivery(eventSeq: number | null, wanted: Wanted = {}): Promise<string> {
  const { template = 'status_change', to = requester, ticketId = ticket, status = 'queued' } = wanted
  const [row] = await desk.db
    .insert(emailDeliveries)
    .values({
      id: sql`uuidv7()`,
      template,
      userId: to.id,
      toEmail: to.email,
      ticketId,
      eventSeq,
      params: { seq: eventSeq },
      status,
      sendingAt: wanted.sendingAt ?? null,
      createdAt: desk.clock.now(),
    })
    .returning()
  return row!.id
}
const row = async (id: string) =>
  (await desk.db.select().from(emailDeliveries).where(eq(emailDeliveries.id, id)))[0]!
/** What the worker does with one job, but for the queue. */
async function work(id: string, sender = send) {
  const outcome = await sendDelivery(desk.db, sender, id, desk.clock.now())
  if (outcome.status === 'sent') {
    await desk.db.transaction((tx) => recordSent(tx, id, desk.clock.now()))
  }
  return outcome.status
}
/** A mail server that holds a mail until it is let go. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  let sender = send
  const reached = new Promise<void>((resolve) => {
    sender = async (mail) => {
      resolve()
      await opened
      await send(mail)
    }
  })
  return { sender, reached, open }
}

let ticket = 0
t.beforeEach(async () => {
  ticket = await desk.ticket(requester)
  arrived.length = 0
})

t.test('one that comes after a later one was sent is discarded, with the reason', async (t) => {
  const [earlier, later] = [await delivery(5), await delivery(9)]
  t.equal(await work(later), 'sent')
  t.equal(await work(earlier), 'discarded')
  t.strictSame(arrived, [9])
  t.match(await row(earlier), {
    status: 'discarded',
    sentAt: null,
    attempts: 0,
    lastError: /event 9 .* event 5/,
  })
  t.equal(await work(earlier), 'gone', 'and it stays so')
  await recordFailure(desk.db, earlier, 'too late', true)
  t.match(await row(earlier), { status: 'discarded', lastError: /event 9/ })
  t.match(await desk.core.pipeline.figures(), { mails_discarded: 1, mails_failed: 0 })
})

t.test('in their own order both are sent', async (t) => {
  const [earlier, later] = [await delivery(5), await delivery(9)]
  t.strictSame([await work(earlier), await work(later)], ['sent', 'sent'])
  t.strictSame(arrived, [5, 9])
})

t.test('while a later one is being sent, an earlier one is discarded', async (t) => {
  const [earlier, later] = [await delivery(5), await delivery(9)]
  const { sender, reached, open } = gate()
  const sending = work(later, sender)
  await reached
  t.equal(await work(earlier), 'discarded')
  open()
  t.equal(await sending, 'sent')
  t.strictSame(arrived, [9])
})

t.test('while an earlier one is being sent, a later one waits for its next try', async (t) => {
  const [earlier, later] = [await delivery(5), await delivery(9)]
  const { sender, reached, open } = gate()
  const sending = work(earlier, sender)
  await reached
  await t.rejects(work(later), EarlierMailUnderWay)
  t.match(await row(later), { status: 'queued', attempts: 0 })
  open()
  await sending
  t.equal(await work(later), 'sent')
  t.strictSame(arrived, [5, 9])
})

t.test(
  'many workers at once: mails arrive in the order of their events, the last of them for certain',
  async (t) => {
    const many = 24
    const ids: string[] = []
    for (let seq = 1; seq <= many; seq += 1) ids.push(await delivery(seq))
    const slowly = async (mail: OutgoingMail) => {
      await desk.db.execute(sql`SELECT pg_sleep(${(Number(mail.params.seq) % 3) * 0.004})`)
      await send(mail)
    }
    const untilSettled = async (id: string): Promise<string> => {
      try {
        return await work(id, slowly)
      } catch (error) {
        if (error instanceof EarlierMailUnderWay) return untilSettled(id)
        throw error
      }
    }
    const outcomes = await Promise.all(ids.reverse().map(untilSettled))
    t.equal(outcomes.filter((outcome) => outcome === 'sent').length, arrived.length)
    t.equal(outcomes.filter((outcome) => outcome === 'discarded').length, many - arrived.length)
    t.strictSame(
      arrived,
      [...arrived].sort((a, b) => a - b),
    )
    t.equal(arrived.at(-1), many)
  },
)

t.test('only mails of one kind, about one ticket, to one person replace each other', async (t) => {
  const second = await desk.ticket(requester)
  await work(await delivery(9))
  for (const wanted of [{ template: 'assignment' }, { to: other }, { ticketId: second }]) {
    t.equal(await work(await delivery(5, wanted)), 'sent', JSON.stringify(wanted))
  }
  t.equal(await work(await delivery(null)), 'sent', 'one about no event')
})

t.test('messages and breaches are sent always: each says something of its own', async (t) => {
  for (const template of ['new_message', 'sla_violation', 'waiting', 'ticket_notice']) {
    await work(await delivery(9, { template }))
    t.equal(await work(await delivery(5, { template })), 'sent', template)
  }
})

t.test('a later one that waits or has failed replaces nothing', async (t) => {
  for (const status of ['queued', 'failed', 'discarded'] as const) await delivery(9, { status })
  t.equal(await work(await delivery(5)), 'sent')
})

t.test('a worker that died while sending holds up later mails for two minutes at most', async (t) => {
  const at = desk.clock.now()
  const crashed = await delivery(5, { status: 'sending', sendingAt: at })
  const later = await delivery(9)
  await t.rejects(work(later), EarlierMailUnderWay)
  desk.clock.advance(119_999)
  await t.rejects(work(later), EarlierMailUnderWay)
  desk.clock.advance(1)
  t.equal(await work(later), 'sent')
  t.equal(await work(crashed), 'discarded', 'its own second try comes too late')
})

t.test('what the desk does gives mails the number of the event they tell of', async (t) => {
  const [agent] = await desk.agents(1, { maxTickets: 100 })
  const id = await desk.ticket(requester)
  await desk.assign(100)
  await desk.core.tickets.update(agent!, id, { status: 'Pending' })
  await desk.core.messages.post(agent!, { ticketId: id, body: 'Try the other cable.' })
  await desk.core.tickets.update(agent!, id, { status: 'Resolved' })
  const rows = await desk.db.execute<{ template: string; type: string }>(sql`
    SELECT d.template, e.type || coalesce(' ' || (e.data ->> 'to'), '') AS type
    FROM email_deliveries d JOIN ticket_events e ON e.ticket_id = d.ticket_id AND e.seq = d.event_seq
    WHERE d.ticket_id = ${id} ORDER BY d.id`)
  t.strictSame(
    rows.map(({ template, type }) => `${template}: ${type}`),
    [
      `assignment: assigned ${agent!.id}`,
      'status_change: status_changed Pending',
      'new_message: message',
      'status_change: status_changed Resolved',
    ],
  )
})

t.test('every assignment mail tells of its own assignment, in a batch and by hand', async (t) => {
  const agents = await desk.agents(3, { maxTickets: 100 })
  const boss = await desk.person('Technical Supervisor')
  const ids: number[] = []
  for (let n = 0; n < 5; n += 1) ids.push(await desk.ticket(requester))
  await desk.assign(100)
  const [byHand] = ids
  const mails = () =>
    desk.db.execute<{ ticket_id: number; user_id: number; to: number | null }>(sql`
      SELECT d.ticket_id, d.user_id, (e.data ->> 'to')::bigint AS to
      FROM email_deliveries d LEFT JOIN ticket_events e
        ON e.ticket_id = d.ticket_id AND e.seq = d.event_seq AND e.type = 'assigned'
      WHERE d.template = 'assignment' AND d.ticket_id = ANY (${`{${ids.join()}}`}::bigint[]) ORDER BY d.id`)
  const inBatch = await mails()
  t.strictSame(inBatch.map((mail) => mail.ticket_id).sort(), ids.toSorted(), 'one a ticket')
  const owner = inBatch.find((mail) => mail.ticket_id === byHand)?.user_id
  const other = agents.find((agent) => agent.id !== owner)
  await desk.core.tickets.update(boss, byHand!, { assigned_to: other!.id })
  const all = await mails()
  t.equal(all.length, ids.length + 1)
  t.strictSame(all.at(-1), { ticket_id: byHand, user_id: other!.id, to: other!.id })
  for (const mail of all) t.equal(mail.to, mail.user_id)
})
