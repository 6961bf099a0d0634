import type { Database } from '@servicedesk/db'

/** Agents that the tickets are spread over. */
const AGENTS = 20

/**
 * Fills an empty desk: one supervisor, some agents, and so many running clocks, two a ticket, none of them due or near
 * for a month. By SQL alone, with its start in each clock's log.
 */
export async function loadClocks(db: Database, clocks: number): Promise<void> {
  const sql = db.$client
  await sql`
    INSERT INTO users (email, name, first_name, last_name, role, created_at)
    SELECT 'sweep' || n || '@example.com', 'Sweep ' || n, 'Sweep', n::text,
      CASE n WHEN 0 THEN 'Technical Supervisor' ELSE 'Technical User' END, now()
    FROM generate_series(0, ${AGENTS}::int) n`
  await sql`
    INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, created_by, assigned_to,
      created_at, updated_at, event_seq, public_seq)
    SELECT 'Ticket ' || n || ' of the sweep', 'The description of a ticket.', s.id, s.class, 1 + n % 4, 1 + n % 7,
      a.ids[1], a.ids[1 + n % ${AGENTS}::int], now(), now(), 1, 1
    FROM generate_series(1, ${Math.ceil(clocks / 2)}::int) n, (SELECT * FROM statuses WHERE class = 'open' LIMIT 1) s,
      (SELECT array_agg(id) AS ids FROM users WHERE email LIKE 'sweep%' AND role = 'Technical User') a`
  await sql`
    INSERT INTO ticket_events (ticket_id, seq, public_seq, type, data, created_at)
    SELECT id, 1, 1, 'ticket_created', '{}', created_at FROM tickets WHERE event_seq = 1`
  await sql`
    INSERT INTO sla_clocks (ticket_id, metric, policy_id, target_seconds, warn_percent, calendar_version_id, state,
      running_since, warn_at, due_at, event_seq)
    SELECT t.id, m.metric, p.id, m.seconds, p.warn_percent, v.id, 'running', t.created_at,
      t.created_at + interval '30 days' + random() * interval '30 days',
      t.created_at + interval '60 days' + random() * interval '30 days', 1
    FROM tickets t JOIN sla_policies p ON p.priority_id = t.priority_id
    JOIN calendar_versions v ON v.calendar_id = p.calendar_id,
      LATERAL (VALUES ('first_response', p.first_response_seconds), ('resolution', p.resolution_seconds))
        AS m(metric, seconds)`
  await sql`
    INSERT INTO sla_clock_events (clock_id, seq, type, at) SELECT id, 1, 'start', running_since FROM sla_clocks`
  await sql`VACUUM ANALYZE`
}

/**
 * Makes so many clocks due an hour ago that were not before, each of another ticket; the disk is quiet afterwards.
 * @throws Error when there are not so many
 */
export async function makeDue(db: Database, many: number): Promise<void> {
  const sql = db.$client
  const { count } = await sql`
    UPDATE sla_clocks SET warn_at = now() - interval '2 hours', due_at = now() - interval '1 hour'
    WHERE id IN (SELECT id FROM sla_clocks WHERE breached_at IS NULL AND due_at > now()
      ORDER BY metric DESC, ticket_id LIMIT ${many}::int)`
  if (count !== many) throw new Error(`${count} of ${many} clocks could be made due`)
  await sql`VACUUM ANALYZE sla_clocks`
  await sql`CHECKPOINT`
}

/** How many rows each table that a sweep writes into has. */
export async function countRows(db: Database): Promise<Record<string, number>> {
  const [counts] = await db.$client<Record<string, number>[]>`
    SELECT (SELECT count(*)::int FROM sla_clocks WHERE breached_at IS NOT NULL) AS breached,
      (SELECT count(*)::int FROM sla_clock_events) AS clock_events,
      (SELECT count(*)::int FROM ticket_events) AS ticket_events,
      (SELECT sum(version)::int FROM tickets) AS ticket_versions,
      (SELECT count(*)::int FROM alerts) AS alerts,
      (SELECT count(*)::int FROM email_deliveries) AS email_deliveries,
      (SELECT count(*)::int FROM outbox) AS outbox`
  return counts ?? {}
}

/** What was written between two counts. */
export function written(before: Record<string, number>, after: Record<string, number>) {
  return Object.fromEntries(
    Object.entries(after).map(([table, rows]) => [table, rows - (before[table] ?? 0)]),
  )
}
