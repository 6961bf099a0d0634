import { join } from 'node:path'
import { repositoryRoot } from '@servicedesk/dev'
import { createTestDatabase } from '@servicedesk/testing'
import t from 'tap'
import { loadDesk } from '../../src/load/load-desk.ts'

const TICKETS = 1_000
const { db, url, drop } = await createTestDatabase(2)
t.teardown(drop)
const sql = db.$client
const indexes = () => sql`SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`
const triggers = () =>
  sql`SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2`
const before = { indexes: await indexes(), triggers: await triggers() }
await loadDesk(url, {
  tickets: TICKETS,
  file: join(repositoryRoot, 'packages', 'dev', 'samples', 'tickets.csv'),
})

/** The rows that a query finds, which should be none. */
const none = async (
  t: { strictSame: (a: unknown, b: unknown, name: string) => boolean },
  name: string,
  text: string,
) => t.strictSame([...(await sql.unsafe(text))], [], name)

t.test('as many tickets as asked, two in a hundred open, over a year', async (t) => {
  const [row] = await sql`
    SELECT count(*)::int AS tickets, count(*) FILTER (WHERE status_class IN ('new', 'open', 'pending'))::int AS open,
      min(created_at) < now() - interval '360 days' AS is_old, max(created_at) > now() - interval '2 days' AS is_new,
      count(DISTINCT title) > 20 AS are_many FROM tickets`
  t.match(row, { tickets: TICKETS, is_old: true, is_new: true, are_many: true })
  t.ok(row?.open >= TICKETS * 0.015 && row?.open <= TICKETS * 0.06, `${row?.open} are open`)
})

t.test('the logs are whole', async (t) => {
  await none(
    t,
    'numbers of a log',
    `
    SELECT t.id FROM tickets t JOIN (
      SELECT ticket_id, max(seq) AS seq, max(public_seq) AS public_seq, count(*) AS many FROM ticket_events GROUP BY 1
    ) e ON e.ticket_id = t.id
    WHERE e.seq <> t.event_seq OR e.public_seq <> t.public_seq OR e.many <> t.event_seq`,
  )
  await none(
    t,
    'the status that the log ends with',
    `
    SELECT t.id FROM tickets t JOIN LATERAL (SELECT data->>'to_class' AS class FROM ticket_events e
      WHERE e.ticket_id = t.id AND e.type = 'status_changed' ORDER BY seq DESC LIMIT 1) e ON true
    WHERE e.class <> t.status_class`,
  )
  await none(
    t,
    'events in order of time',
    `
    SELECT 1 FROM ticket_events a JOIN ticket_events b ON b.ticket_id = a.ticket_id AND b.seq = a.seq + 1
    WHERE b.created_at < a.created_at - interval '5 minutes'`,
  )
})

t.test('the clocks fit their tickets and their logs', async (t) => {
  await none(
    t,
    'two clocks each',
    `
    SELECT t.id FROM tickets t WHERE (SELECT count(*) FROM sla_clocks k WHERE k.ticket_id = t.id) <> 2`,
  )
  await none(
    t,
    'entries of a clock',
    `
    SELECT k.id FROM sla_clocks k WHERE k.event_seq <> (SELECT count(*) FROM sla_clock_events e WHERE e.clock_id = k.id)`,
  )
  await none(
    t,
    'a resolution runs while its ticket is active',
    `
    SELECT k.id FROM sla_clocks k JOIN tickets t ON t.id = k.ticket_id WHERE k.metric = 'resolution'
      AND (k.state = 'stopped') <> (t.status_class IN ('resolved', 'closed'))`,
  )
  await none(
    t,
    'nothing is due',
    `
    SELECT id FROM sla_clocks WHERE state = 'running' AND breached_at IS NULL AND due_at < now()`,
  )
  const [row] = await sql`SELECT count(*)::int AS breached FROM sla_clocks WHERE breached_at IS NOT NULL`
  t.ok(row?.breached > TICKETS * 0.03, 'some were broken')
})

t.test('people and their counters', async (t) => {
  await none(
    t,
    'active tickets of an agent',
    `
    SELECT a.user_id FROM agents a WHERE a.active_tickets <> (SELECT count(*) FROM tickets t
      WHERE t.assigned_to = a.user_id AND t.status_class IN ('new', 'open', 'pending'))`,
  )
  await none(
    t,
    'who has a ticket was assigned',
    `
    SELECT t.id FROM tickets t LEFT JOIN assignments a ON a.ticket_id = t.id AND a.ended_at IS NULL
    WHERE a.agent_id IS DISTINCT FROM t.assigned_to`,
  )
})

t.test('nothing of the load is left behind', async (t) => {
  t.strictSame(await indexes(), before.indexes)
  t.strictSame(await triggers(), before.triggers)
  await none(t, 'tables', `SELECT tablename FROM pg_tables WHERE tablename LIKE 'bench%'`)
  const [row] =
    await sql`SELECT nextval(pg_get_serial_sequence('tickets', 'id'))::int > max(id) AS is_free FROM tickets`
  t.ok(row?.is_free, 'the next ticket has a number of its own')
})
