import type { Sql } from 'postgres'

/** The log of every ticket of `bench_fates`, as the desk itself writes it; needs the messages. */
export async function loadEvents(sql: Sql): Promise<void> {
  await sql`
    INSERT INTO ticket_events (ticket_id, seq, public_seq, type, actor_id, data, message_id, created_at)
    SELECT f.id, row_number() OVER (PARTITION BY f.id ORDER BY e.step), row_number() OVER (PARTITION BY f.id ORDER BY e.step),
      e.type, e.actor, e.data, CASE WHEN e.type = 'message' THEN m.id END, e.at
    FROM bench_fates f
    LEFT JOIN messages m ON m.ticket_id = f.id
    CROSS JOIN LATERAL (VALUES
      (1, 'ticket_created', f.requester_id, '{}'::jsonb, f.created_at, true),
      (2, 'assigned', NULL, jsonb_build_object('to', f.agent_id, 'to_name', 'Agent'), f.assigned_at, f.is_assigned),
      (3, 'status_changed', NULL, '{"from": "New", "to": "Open", "from_class": "new", "to_class": "open"}', f.assigned_at, f.is_assigned),
      (4, 'message', f.agent_id, '{}', f.answered_at, f.answered_at IS NOT NULL),
      (5, 'status_changed', f.agent_id, '{"from": "Open", "to": "Pending", "from_class": "open", "to_class": "pending"}', f.paused_at,
        f.paused_at IS NOT NULL),
      (6, 'status_changed', f.agent_id, '{"from": "Open", "to": "Resolved", "from_class": "open", "to_class": "resolved"}',
        f.resolved_at, f.resolved_at IS NOT NULL),
      (7, 'status_changed', f.requester_id, '{"from": "Resolved", "to": "Closed", "from_class": "resolved", "to_class": "closed"}',
        f.closed_at, f.closed_at IS NOT NULL)
    ) AS e(step, type, actor, data, at, happened)
    WHERE e.happened`
}
