import type { Database } from '@servicedesk/db'

export const AGENTS = 50

/** Fifty agents with room for everything and two supervisors who take nothing. */
export async function loadAgents(db: Database): Promise<void> {
  const sql = db.$client
  await sql`
    INSERT INTO users (email, name, first_name, last_name, role, created_at)
    SELECT 'waiting' || n || '@bench.example', 'Waiting ' || n, 'Waiting', n::text,
      CASE WHEN n > ${AGENTS}::int THEN 'Technical Supervisor' ELSE 'Technical User' END, now()
    FROM generate_series(1, ${AGENTS}::int + 2) n`
  await sql`
    INSERT INTO agents (user_id, max_tickets, is_available) SELECT id, 100000, role = 'Technical User' FROM users
    WHERE email LIKE 'waiting%'`
}

/** So many tickets that wait for an agent, of all priorities and categories; nobody has any other. */
export async function loadWaiting(db: Database, tickets: number): Promise<void> {
  const sql = db.$client
  await sql`UPDATE tickets SET deleted_at = now() WHERE deleted_at IS NULL`
  await sql`UPDATE agents SET active_tickets = 0`
  await sql`
    INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, created_by, created_at, updated_at,
      event_seq, public_seq)
    SELECT 'Ticket ' || n || ' waits', 'The description of a ticket.', s.id, s.class, 1 + n % 4, 1 + n % 7,
      (SELECT min(id) FROM users), now() - make_interval(secs => ${tickets}::int - n), now(), 1, 1
    FROM generate_series(1, ${tickets}::int) n, (SELECT * FROM statuses WHERE class = 'new' LIMIT 1) s`
  await sql`
    INSERT INTO ticket_events (ticket_id, seq, public_seq, type, data, created_at)
    SELECT id, 1, 1, 'ticket_created', '{}', created_at FROM tickets WHERE deleted_at IS NULL`
  await sql`VACUUM ANALYZE`
  await sql`CHECKPOINT`
}

/** The most and the fewest active tickets of an agent, and how many tickets still wait. */
export async function assignmentState(db: Database): Promise<{ spread: number; waiting: number }> {
  const [row] = await db.$client<{ spread: number; waiting: number }[]>`
    SELECT (SELECT (max(n) - min(n))::int FROM (
        SELECT count(t.id) AS n FROM agents a LEFT JOIN tickets t ON t.assigned_to = a.user_id AND t.deleted_at IS NULL
        WHERE a.is_available GROUP BY a.user_id) each) AS spread,
      (SELECT count(*)::int FROM tickets WHERE assigned_to IS NULL AND deleted_at IS NULL) AS waiting`
  if (row === undefined) throw new Error('an aggregate answered no row')
  return row
}
