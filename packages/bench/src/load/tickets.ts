import type { Sql } from 'postgres'

/** The tickets of `bench_fates`, under the ids that it gives them. */
export async function loadTickets(sql: Sql): Promise<void> {
  const insert = (half: number) => sql`
    INSERT INTO tickets (id, title, description, status_id, status_class, priority_id, category_id, created_by, assigned_to,
      team_id, created_at, updated_at, first_response_at, resolved_at, closed_at, waiting_reason, event_seq, public_seq, version)
    OVERRIDING SYSTEM VALUE
    SELECT id, title, left(description, 19000) || ' Asset LT-' || lpad(n::text, 8, '0'), status_id, class, priority_id,
      category_id, requester_id, CASE WHEN is_assigned THEN agent_id END, team_id, created_at,
      coalesce(closed_at, resolved_at, answered_at, created_at), answered_at, resolved_at, closed_at,
      CASE WHEN NOT is_assigned THEN 'no agent was free' END, seqs, seqs, seqs
    FROM (SELECT f.*, x.title, x.description, 1 + 2 * is_assigned::int + (answered_at IS NOT NULL)::int + (class = 'pending')::int
      + (resolved_at IS NOT NULL)::int + (closed_at IS NOT NULL)::int AS seqs
      FROM bench_fates f JOIN bench_texts x ON x.n = f.text
      WHERE (f.n < (SELECT count(*) / 2 FROM bench_fates)) = (${half}::int = 1)) f
    ORDER BY id`
  // Most of the time goes into the words of their texts: on two cores half of it.
  await Promise.all([insert(1), insert(2)])
  await sql`SELECT setval(pg_get_serial_sequence('tickets', 'id'), (SELECT max(id) FROM tickets))`
  await sql`
    UPDATE agents a SET active_tickets = f.many, last_assigned_at = f.last
    FROM (SELECT agent_id, count(*) AS many, max(assigned_at) AS last FROM bench_fates WHERE is_active AND is_assigned GROUP BY 1) f
    WHERE a.user_id = f.agent_id`
}

/** Who got which ticket, who watches every tenth besides, and what the agent answered. */
export async function loadWork(sql: Sql): Promise<void> {
  await sql`
    INSERT INTO assignments (ticket_id, agent_id, strategy, parts, reason, assigned_at)
    SELECT id, agent_id, 'workload', '{}', 'fewest active tickets', assigned_at FROM bench_fates WHERE is_assigned ORDER BY id`
  await sql`
    INSERT INTO ticket_watchers (ticket_id, user_id, created_at)
    SELECT f.id, q.id, f.created_at FROM bench_fates f JOIN bench_requesters q
      ON q.n = (hashint8extended(f.n, 7) & 2147483647) % (SELECT count(*) FROM bench_requesters)
    WHERE f.n % 10 = 3 AND q.id <> f.requester_id`
  await sql`
    INSERT INTO messages (ticket_id, sender_id, body, created_at, updated_at)
    SELECT f.id, f.agent_id, 'Thank you for your report about ' || x.title || '. I am looking at it.', f.answered_at, f.answered_at
    FROM bench_fates f JOIN bench_texts x ON x.n = f.text WHERE f.answered_at IS NOT NULL ORDER BY f.id`
}
