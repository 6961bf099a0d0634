import { type Database, schema as s } from '@servicedesk/db'
import { createTestDatabase } from '@servicedesk/testing'
import { type SQL, sql } from 'drizzle-orm'
import t from 'tap'

const { db, drop } = await createTestDatabase()
t.teardown(drop)
const uuid = sql`gen_random_uuid()`

await db.execute(sql`
  INSERT INTO users (email, name, first_name, last_name, role, created_at)
  VALUES ('ada@test.example', 'Ada', 'Ada', '', 'Technical User', now())`)
await db.execute(sql`INSERT INTO agents (user_id) SELECT id FROM users`)
await db.execute(ticket({}))
await db.execute(ticket({}))
await db.execute(message(1001, sql`NULL`))

function ticket(over: {
  title?: string
  description?: string
  status?: string
  class?: string
  level?: number
}): SQL {
  const {
    title = 'A title',
    description = 'A description',
    status = 'New',
    class: ofClass = 'new',
    level = 0,
  } = over
  return sql`INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, created_by,
      created_at, updated_at, escalation_level)
    SELECT ${title}::text, ${description}::text, s.id, ${ofClass}::text, p.id, c.id, u.id, now(), now(), ${level}::int
    FROM statuses s, priorities p, categories c, users u
    WHERE s.name = ${status} AND p.name = 'Low' AND c.name = 'Other' LIMIT 1`
}
function message(ticketId: number, replyTo: SQL, body = 'x'): SQL {
  return sql`INSERT INTO messages (ticket_id, sender_id, body, reply_to, created_at, updated_at)
    SELECT ${ticketId}::bigint, u.id, ${body}::text, ${replyTo}, now(), now() FROM users u LIMIT 1`
}
const clock = (state: string, warnPercent = 80): SQL =>
  sql`INSERT INTO sla_clocks (ticket_id, metric, policy_id, target_seconds, warn_percent, calendar_version_id, state,
      running_since, due_at)
    SELECT 1001, 'resolution', p.id, 60, ${warnPercent}::smallint, v.id, ${state}::text,
      CASE WHEN ${warnPercent}::smallint > 100 THEN now() END, CASE WHEN ${warnPercent}::smallint > 100 THEN now() END
    FROM sla_policies p JOIN calendar_versions v USING (calendar_id) LIMIT 1`
const agent = (set: SQL): SQL => sql`UPDATE agents SET ${set}`
const outboxEnd = sql`INSERT INTO outbox (queue, name, payload, done_at, failed_at) VALUES ('a', 'b', '{}', now(), now())`
const file = (status: string, thumbnail: string, bytes: number): SQL =>
  sql`INSERT INTO attachments (id, ticket_id, uploaded_by, filename, extension, mime_type, category, bytes, sha256,
      storage_key, status, thumbnail, created_at)
    SELECT ${uuid}, 1001, id, 'f', 'f', 'f', 'f', ${bytes}::bigint, 'f', 'f', ${status}::text, ${thumbnail}::text, now() FROM users`
const delivery = (status: string): SQL =>
  sql`INSERT INTO email_deliveries (id, template, to_email, params, status, created_at)
    VALUES (${uuid}, 'assignment', 'a@b', '{}', ${status}::text, now())`
const assignment = (strategy: string): SQL =>
  sql`INSERT INTO assignments (ticket_id, agent_id, strategy, parts, reason, assigned_at)
    SELECT 1001, id, ${strategy}::text, '{}', 'r', now() FROM users`

/** A rule, the statement that breaks it, and the constraint that must say so. */
const BROKEN: [rule: string, constraint: string, statement: SQL][] = [
  ['a title has 3 characters', 'tickets_title_length', ticket({ title: 'ab' })],
  ['a title has at most 200', 'tickets_title_length', ticket({ title: 'a'.repeat(201) })],
  ['a description has 10', 'tickets_description_length', ticket({ description: '123456789' })],
  [
    'a description has at most 20,000',
    'tickets_description_length',
    ticket({ description: 'a'.repeat(20_001) }),
  ],
  ['a level is not negative', 'tickets_escalation_level', ticket({ level: -1 })],
  ['Closed has an instant', 'tickets_closed_has_instant', ticket({ status: 'Closed', class: 'closed' })],
  [
    'the class on a ticket is its status’s',
    'tickets_status_fk',
    ticket({ status: 'Open', class: 'pending' }),
  ],
  ['a message says something', 'messages_body_length', message(1001, sql`NULL`, '')],
  ['a reply stays in its ticket', 'messages_reply_fk', message(1002, sql`(SELECT min(id) FROM messages)`)],
  ['a load is not negative', 'agents_active_not_negative', agent(sql`active_tickets = -1`)],
  ['a cap is sane', 'agents_max_range', agent(sql`max_tickets = -1`)],
  [
    'nobody comes back before leaving',
    'agents_out_of_office_order',
    agent(sql`out_of_office_from = now(), out_of_office_to = now() - interval '1 s'`),
  ],
  [
    'one address, one account',
    'users_email_key',
    sql`INSERT INTO users (email, name, first_name, last_name, role, created_at)
    VALUES ('ADA@test.example', 'A', 'A', '', 'Normal User', now())`,
  ],
  ['an address has an @', 'users_email_shape', sql`UPDATE users SET email = 'ada'`],
  ['a role is one of the four', 'users_role_roles_name_fk', sql`UPDATE users SET role = 'Root'`],
  ['a running clock has a due time', 'sla_clocks_state', clock('running')],
  ['a paused clock says since when', 'sla_clocks_state', clock('paused')],
  ['a stopped clock says when', 'sla_clocks_state', clock('stopped')],
  [
    'a target is more than nothing',
    'sla_policies_targets',
    sql`UPDATE sla_policies SET resolution_seconds = 0`,
  ],
  ['a warning comes within the target', 'sla_policies_warn', sql`UPDATE sla_policies SET warn_percent = 101`],
  [
    'a calendar has working time',
    'calendar_versions_intervals',
    sql`UPDATE calendar_versions SET intervals = '[]'`,
  ],
  ['a clock warns within its target', 'sla_clocks_warn', clock('running', 101)],
  [
    'no status follows itself',
    'transitions_not_to_itself',
    sql`UPDATE transitions SET to_status_id = from_status_id`,
  ],
  [
    'a status has a known class',
    'statuses_class',
    sql`UPDATE statuses SET class = 'lost' WHERE name = 'Pending'`,
  ],
  ['names are unique', 'categories_name_unique', sql`UPDATE categories SET name = 'Other'`],
  ['done or dead, not both', 'outbox_one_end', outboxEnd],
  ['a file has a known state', 'attachments_status', file('lost', 'none', 1)],
  ['a thumbnail has a known state', 'attachments_thumbnail', file('ready', 'lost', 1)],
  ['a file has bytes', 'attachments_bytes', file('ready', 'none', 0)],
  ['a mail has a known state', 'email_deliveries_status', delivery('lost')],
  [
    'a mail that things may join waits to be sent',
    'email_deliveries_open_is_queued',
    sql`INSERT INTO email_deliveries (id, template, to_email, params, status, is_open, created_at)
      VALUES (uuidv7(), 'alert', 'a@b', '{}', 'failed', true, now())`,
  ],
  ['what is sent has an instant', 'email_deliveries_sent_has_instant', delivery('sent')],
  ['a strategy is known', 'assignments_strategy', assignment('dice')],
  [
    'an alert has a known type',
    'alerts_type',
    sql`INSERT INTO alerts (user_id, alert_type, title, message, created_at)
    SELECT id, 'gossip', 't', 'm', now() FROM users`,
  ],
  [
    'a configuration row in use stays',
    'tickets_category_id_categories_id_fk',
    sql`DELETE FROM categories WHERE name = 'Other'`,
  ],
]

async function everything(db: Database) {
  const tables = [s.tickets, s.messages, s.agents, s.users, s.slaClocks, s.slaPolicies, s.calendarVersions]
  const others = [
    s.transitions,
    s.statuses,
    s.categories,
    s.outbox,
    s.attachments,
    s.emailDeliveries,
    s.assignments,
  ]
  return Promise.all([...tables, ...others, s.alerts].map((table) => db.select().from(table)))
}

t.test('what the rules forbid, the database refuses, and nothing changes', async (t) => {
  const before = await everything(db)
  for (const [rule, constraint, statement] of BROKEN) {
    await t.rejects(db.execute(statement), { cause: { constraint_name: constraint } }, rule)
  }
  t.strictSame(await everything(db), before)
})

t.test('a ticket has one current assignment, an agent one row, a clock of a metric one', async (t) => {
  await db.execute(assignment('manual'))
  await t.rejects(db.execute(assignment('workload')), {
    cause: { constraint_name: 'assignments_current_key' },
  })
  await db.execute(sql`UPDATE assignments SET ended_at = now()`)
  await db.execute(assignment('workload'))
  t.equal(await db.$count(s.assignments), 2)
  await t.rejects(db.execute(sql`INSERT INTO agents (user_id) SELECT id FROM users`), {
    cause: { constraint_name: 'agents_pkey' },
  })
})

t.test('a status that changes its class takes its tickets along; ticket ids start at 1001', async (t) => {
  await db.execute(sql`UPDATE statuses SET class = 'pending' WHERE name = 'New'`)
  const rows = await db
    .select({ id: s.tickets.id, statusClass: s.tickets.statusClass })
    .from(s.tickets)
    .orderBy(s.tickets.id)
  t.strictSame(rows.slice(0, 2), [
    { id: 1001, statusClass: 'pending' },
    { id: 1002, statusClass: 'pending' },
  ])
})
