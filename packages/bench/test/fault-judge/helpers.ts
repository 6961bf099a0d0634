import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createTestDesk, type Teardown } from '@servicedesk/testing'
import { installLedger } from '../../src/fault-judge/ledger.ts'
import { createJournal, type Write } from '../../src/fault-load/journal.ts'

/** A desk on which one ticket went all the way, with its file and its mail, and a journal that says so. */
export async function createJudgedDesk(t: Teardown) {
  const desk = await createTestDesk(t)
  const sql = desk.db.$client
  await installLedger(sql)
  const folder = mkdtempSync(join(tmpdir(), 'servicedesk-judge-'))
  t.teardown(async () => rmSync(folder, { recursive: true, force: true }))
  const [mailbox, files] = [join(folder, 'mailbox'), join(folder, 'files')]
  const keep = (path: string, text: string) => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }

  const agent = await desk.person('Technical User')
  const requester = await desk.person('Normal User')
  const journal = createJournal()
  const acknowledged = (
    kind: Write['kind'],
    marker: string,
    content: string,
    ticketId: number,
    id?: string,
  ) =>
    Object.assign(journal.begin({ kind, marker, ticketId, content }), {
      outcome: 'acknowledged',
      answeredAt: Date.now(),
      id,
    })
  const description = 'Nothing comes out of it.\n[m1]'
  const ticket = await desk.core.tickets.create(requester, { title: 'Printer', description })
  acknowledged('ticket', 'm1', description, ticket.id, String(ticket.id))
  await desk.core.tickets.update(agent, ticket.id, { assigned_to: agent.id })
  const said = await desk.core.messages.post(agent, { ticketId: ticket.id, body: 'On my way. [m2]' })
  acknowledged('message', 'm2', 'On my way. [m2]', ticket.id, String(said.id))
  await desk.core.tickets.update(agent, ticket.id, { status: 'Resolved' })
  acknowledged('resolve', 'm3', 'Resolved', ticket.id)

  const sha256 = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb' // of "a"
  await sql`INSERT INTO attachments (id, ticket_id, uploaded_by, filename, extension, mime_type, category, bytes, sha256,
      storage_key, status, thumbnail, created_at)
    VALUES (uuidv7(), ${ticket.id}, ${requester.id}, 'm4.jpg', 'jpg', 'image/jpeg', 'images', 1, ${sha256},
      'aa/file/original', 'ready', 'ready', now())`
  acknowledged('upload', 'm4.jpg', sha256, ticket.id)
  keep(join(files, 'aa/file/original'), 'a')
  keep(join(files, 'aa/file/thumb-150.webp'), 'small')

  // As the workers would leave it.
  await sql`UPDATE outbox SET done_at = now(), dispatched_at = now(), attempts = 1`
  await sql`UPDATE email_deliveries SET status = 'sent', sent_at = now()`
  const deliveries = await sql<{ id: string }[]>`SELECT id FROM email_deliveries`
  mkdirSync(mailbox, { recursive: true })
  for (const { id } of deliveries) {
    keep(join(mailbox, `${id}.eml`), `Subject: x\r\nMessage-ID: <delivery-${id}@desk>\r\n\r\nText\r\n`)
  }
  return { desk, sql, ticket, agent, journal, mailbox, files }
}
