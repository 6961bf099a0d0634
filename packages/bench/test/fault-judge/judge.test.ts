import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import t from 'tap'
import { judgeClocks } from '../../src/fault-judge/clocks.ts'
import { judgeAssignment, judgeJobs, judgeTimelines } from '../../src/fault-judge/effects.ts'
import { judgeFiles } from '../../src/fault-judge/files.ts'
import type { Finding } from '../../src/fault-judge/finding.ts'
import { judgeMails } from '../../src/fault-judge/mails.ts'
import { judgeWrites } from '../../src/fault-judge/writes.ts'
import { createJudgedDesk } from './helpers.ts'

const { sql, ticket, agent, journal, mailbox, files } = await createJudgedDesk(t)

const judgeAll = async (db: Sql): Promise<Finding[]> => [
  ...(await judgeWrites(db, journal.writes)),
  await judgeJobs(db),
  await judgeAssignment(db),
  await judgeTimelines(db),
  await judgeClocks(db),
  await judgeMails(db, mailbox),
  await judgeFiles(db, files),
]
const sums = (findings: readonly Finding[]) => ({
  lost: findings.flatMap((each) => each.lost.map(({ what }) => what)),
  doubled: findings.flatMap((each) => each.doubled.map(({ what }) => what)),
})

t.test('a desk that lost nothing is found whole, and everything on it is counted', async (t) => {
  const findings = await judgeAll(sql)
  t.same(sums(findings), { lost: [], doubled: [] })
  for (const { check, counted } of findings) t.ok(counted > 0, check)
})

/** Damage done in a transaction that is rolled back, and what the judges must say of it. */
const damage: [string, string, 'lost' | 'doubled', RegExp][] = [
  [
    'a ticket that says something else',
    `UPDATE tickets SET description = 'Something else.[m1]'`,
    'lost',
    /ticket m1: ack/,
  ],
  [
    'a ticket made twice',
    `INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, created_by, created_at, updated_at, resolved_at)
     SELECT title, description, status_id, status_class, priority_id, category_id, created_by, now(), now(), now() FROM tickets`,
    'doubled',
    /ticket m1: there 2/,
  ],
  [
    'a message that is gone',
    `DELETE FROM ticket_events WHERE message_id IS NOT NULL; DELETE FROM messages`,
    'lost',
    /message m2: ack/,
  ],
  [
    'a status that fell back',
    `DELETE FROM ticket_events WHERE data ->> 'to' = 'Resolved'`,
    'lost',
    /resolve m3: ack/,
  ],
  [
    'a status changed twice',
    `INSERT INTO ticket_events (ticket_id, seq, type, data, created_at)
     SELECT ticket_id, seq + 100, type, data, now() FROM ticket_events WHERE data ->> 'to' = 'Resolved'`,
    'doubled',
    /resolve m3: there 2/,
  ],
  ['a file that is gone', `DELETE FROM attachments`, 'lost', /upload m4.jpg: ack/],
  [
    'thumbnails never made',
    `UPDATE attachments SET thumbnail = 'pending'`,
    'lost',
    /thumbnails of .* are pending/,
  ],
  ['a job never sent', `UPDATE outbox SET done_at = NULL, dispatched_at = NULL`, 'lost', /owed, never sent/],
  ['a job never done', `UPDATE outbox SET done_at = NULL`, 'lost', /sent 1 times, never done/],
  [
    'a dead letter',
    `UPDATE outbox SET done_at = NULL, failed_at = now(), last_error = 'why'`,
    'lost',
    /dead letter \(why\)/,
  ],
  ['an effect twice', `UPDATE outbox SET done_at = now()`, 'doubled', /done 2 times/],
  [
    'a counter that is no count',
    `UPDATE agents SET active_tickets = active_tickets + 1`,
    'lost',
    /counts 1 tickets and has 0/,
  ],
  [
    'an agent over the cap',
    `UPDATE agents SET active_tickets = max_tickets + 1; UPDATE agents SET active_tickets = 0`,
    'doubled',
    /more than allowed/,
  ],
  [
    'a ticket that waits for no reason',
    `UPDATE tickets SET assigned_to = NULL, status_class = 'open', status_id = (SELECT id FROM statuses WHERE name = 'Open')`,
    'lost',
    /waits though an agent is free/,
  ],
  ['a gap in the timeline', `DELETE FROM ticket_events WHERE seq = 2`, 'lost', /events \d+, last number/],
  [
    'a clock that ran out unnoticed',
    `UPDATE sla_clocks SET state = 'running', running_since = now(), stopped_at = NULL, due_at = now() - interval '1 minute'`,
    'lost',
    /ran out unnoticed/,
  ],
  [
    'a breach that nobody was told of',
    `UPDATE sla_clocks SET breached_at = now()`,
    'lost',
    /timeline does not say so/,
  ],
  [
    'a clock breached twice',
    `INSERT INTO sla_clock_events (clock_id, seq, type, at) SELECT id, n, 'breach', now() FROM sla_clocks, generate_series(50, 51) n`,
    'doubled',
    /breached 2 times/,
  ],
  [
    'a breach told of twice',
    `INSERT INTO alerts (user_id, ticket_id, alert_type, title, message, created_at)
     SELECT ${agent.id}, ${ticket.id}, 'sla_violation', 'late', '', now() FROM generate_series(1, 2)`,
    'doubled',
    /told 2 times: late/,
  ],
  [
    'a mail never sent',
    `UPDATE email_deliveries SET status = 'failed', sent_at = NULL`,
    'lost',
    /mail .* is failed/,
  ],
  [
    'a thing told in two mails',
    `UPDATE email_deliveries SET items = '[{"template": "new_message", "event_seq": 4}]', ticket_id = ${ticket.id},
       user_id = ${agent.id}`,
    'doubled',
    /told twice: new_message about event 4/,
  ],
]

for (const [name, statements, kind, words] of damage) {
  t.test(`${name} is found`, async (t) => {
    await sql
      .begin(async (tx) => {
        await tx.unsafe(statements)
        const found = sums(await judgeAll(tx as unknown as Sql))
        t.match(found[kind].join('\n'), words)
        throw new Error('undo')
      })
      .catch((error: Error) => t.equal(error.message, 'undo'))
  })
}

t.test('mails and files that are not on the disk are found, and copies of mails are counted', async (t) => {
  const [mail] = readdirSync(mailbox)
  const path = join(mailbox, mail ?? '')
  writeFileSync(`${path}-copy.eml`, `Message-ID: <delivery-${mail?.replace('.eml', '')}@desk>\r\n\r\n`)
  t.match(await judgeMails(sql, mailbox), { lost: [], note: /1 of them copies/ })
  rmSync(path)
  rmSync(`${path}-copy.eml`)
  t.match(sums([await judgeMails(sql, mailbox)]).lost, [/was sent and did not arrive/])
  writeFileSync(join(files, 'aa/file/original'), 'b')
  t.match(sums([await judgeFiles(sql, files)]).lost, [/has other bytes/])
  rmSync(join(files, 'aa/file/thumb-150.webp'))
  t.match(sums([await judgeFiles(sql, files)]).lost, [/has other bytes/, /thumbnails of .* are gone/])
})
