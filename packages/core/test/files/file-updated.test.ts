import { randomUUID } from 'node:crypto'
import { type Actor, alertDeadLetter, DEFAULT_MAIL, recordScan, recordThumbnails } from '@servicedesk/core'
import { attachments, outbox, ticketEvents, tickets } from '@servicedesk/db'
import { asc, eq, sql } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

const desk = await createCoreDesk(t)
const FROM_START = { afterSeq: 0, limit: 100 }
const requester = await desk.person('Normal User')
const admin = await desk.person('System Admin')
const [agent] = (await desk.agents(1)) as [Actor]

/** A picture on a ticket of its own, and what was appended to the log since. */
async function picture(status: 'scanning' | 'ready', messageId?: number, ticketId?: number) {
  const ticket = ticketId ?? (await desk.ticket(requester))
  const id = randomUUID()
  const file = { extension: 'png', mimeType: 'image/png', category: 'images', bytes: 7, sha256: 'x' }
  const kept = { store: 'local', storageKey: id, isPicture: true, width: null, height: null }
  const target = { ticketId: ticket, messageId }
  await desk.core.files.attach(agent, target, [{ id, filename: 'jam.png', ...file, ...kept }])
  await desk.db.update(attachments).set({ status }).where(eq(attachments.id, id))
  const before = await rowOf(ticket)
  const log = () =>
    desk.db
      .select()
      .from(ticketEvents)
      .where(sql`ticket_id = ${ticket} AND seq > ${before.eventSeq}`)
      .orderBy(asc(ticketEvents.seq))
  return { id, ticket, before, log }
}
const rowOf = async (id: number) => (await desk.db.select().from(tickets).where(eq(tickets.id, id)))[0]!
const thumbnails = (id: string, outcome: 'ready' | 'failed') =>
  desk.db.transaction((tx) => recordThumbnails(tx, id, outcome, desk.clock.now()))
const scanned = (id: string) =>
  desk.db.transaction((tx) => recordScan(tx, id, { status: 'ready' }, desk.clock.now(), DEFAULT_MAIL))

t.test('the log says once what became of thumbnails; the ticket itself has not changed', async (t) => {
  for (const outcome of ['ready', 'failed'] as const) {
    const { id, ticket, before, log } = await picture('ready')
    desk.clock.advance(60_000)
    await thumbnails(id, outcome)
    await thumbnails(id, outcome)
    const rows = await log()
    t.equal(rows.length, 1)
    t.strictSame(
      { ...rows[0] },
      {
        ticketId: ticket,
        seq: before.eventSeq + 1,
        publicSeq: before.publicSeq + 1,
        type: 'file_updated',
        actorId: null,
        data: { filename: 'jam.png', status: 'ready', thumbnail: outcome },
        messageId: null,
        attachmentId: id,
        createdAt: desk.clock.now(),
      },
    )
    const { version, updatedAt } = await rowOf(ticket)
    t.strictSame({ version, updatedAt }, { version: before.version, updatedAt: before.updatedAt })
  }
})

t.test('a clean scan is in the log; thumbnails follow', async (t) => {
  const { id, log } = await picture('scanning')
  await scanned(id)
  await scanned(id)
  await thumbnails(id, 'ready')
  t.match(await log(), [
    { type: 'file_updated', data: { status: 'ready', thumbnail: 'pending' } },
    { type: 'file_updated', data: { status: 'ready', thumbnail: 'ready' } },
  ])
})

t.test('of a file on an internal note requesters read nothing, nor do they see a gap', async (t) => {
  const ticket = await desk.ticket(requester)
  const note = await desk.core.messages.post(agent, { ticketId: ticket, body: 'See', isInternal: true })
  const { id, before, log } = await picture('scanning', note.id, ticket)
  await scanned(id)
  await thumbnails(id, 'ready')
  t.strictSame(
    (await log()).map((row) => [row.type, row.publicSeq]),
    [
      ['file_updated', null],
      ['file_updated', null],
    ],
  )
  t.equal((await rowOf(ticket)).publicSeq, before.publicSeq)
  t.strictSame(
    (await desk.core.messages.events(requester, ticket, FROM_START)).map((each) => each.type),
    ['ticket_created'],
  )
})

t.test('it is in the events, and neither among the activities nor on the timeline', async (t) => {
  const { id, ticket } = await picture('ready')
  await thumbnails(id, 'ready')
  for (const who of [requester, agent]) {
    const events = await desk.core.messages.events(who, ticket, FROM_START)
    t.match(
      events.map(({ seq, type, file_id }) => [seq, type, file_id]),
      [
        [1, 'ticket_created', null],
        [2, 'file_uploaded', id],
        [3, 'file_updated', id],
      ],
    )
    t.equal((await desk.core.messages.activities(who, ticket)).length, 2)
    t.equal((await desk.core.messages.timeline(who, ticket, true)).length, 2)
  }
})

t.test('files and tickets that are deleted meanwhile: the log ends with that', async (t) => {
  const file = await picture('scanning')
  await desk.core.files.remove(agent, file.id)
  const ticket = await picture('scanning')
  await desk.core.tickets.remove(admin, ticket.ticket, undefined)
  for (const [{ id, log }, end] of [
    [file, 'file_deleted'],
    [ticket, 'ticket_deleted'],
  ] as const) {
    await scanned(id)
    await thumbnails(id, 'ready')
    t.strictSame(
      (await log()).map((row) => row.type),
      [end],
    )
  }
})

t.test('a thumbnail whose job died for good has failed, and the log says so', async (t) => {
  const { id, log } = await picture('ready')
  const [row] = await desk.db
    .update(outbox)
    .set({ failedAt: desk.clock.now(), lastError: 'It died' })
    .where(sql`name = 'thumbnail.make' AND payload->>'attachment_id' = ${id}`)
    .returning()
  await desk.db.transaction((tx) => alertDeadLetter(tx, row!.id, desk.clock.now()))
  t.match(await log(), [{ type: 'file_updated', data: { status: 'ready', thumbnail: 'failed' } }])
})
