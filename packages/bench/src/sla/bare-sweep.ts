import type { Database } from '@servicedesk/db'

/**
 * The floor of a sweep: one statement that writes the rows of every due breach at once. It knows no other sweep, policy,
 * preference or deleted user, locks nothing before it writes and reads nothing back.
 */
export async function bareSweep(db: Database): Promise<void> {
  await db.$client`
    WITH marked AS (
      UPDATE sla_clocks SET breached_at = due_at, event_seq = event_seq + 1
      WHERE state = 'running' AND breached_at IS NULL AND due_at <= now()
      RETURNING id, ticket_id, metric, event_seq, due_at
    ), logged AS (
      INSERT INTO sla_clock_events (clock_id, seq, type, at) SELECT id, event_seq, 'breach', due_at FROM marked
    ), bumped AS (
      UPDATE tickets t SET event_seq = t.event_seq + 1, version = t.version + 1, updated_at = now()
      FROM marked m WHERE t.id = m.ticket_id
      RETURNING t.id, t.event_seq, t.title, t.assigned_to, t.priority_id, m.metric, m.due_at
    ), event AS (
      INSERT INTO ticket_events (ticket_id, seq, type, data, created_at)
      SELECT id, event_seq, 'sla_breach', jsonb_build_object('metric', metric, 'due_at', due_at), now() FROM bumped
    ), told AS (
      SELECT b.*, u.id AS user_id, u.email FROM bumped b CROSS JOIN users u WHERE u.role = 'Technical Supervisor'
      UNION ALL
      SELECT b.*, u.id, u.email FROM bumped b JOIN users u ON u.id = b.assigned_to
    ), alerted AS (
      INSERT INTO alerts (user_id, ticket_id, alert_type, title, message, created_at)
      SELECT user_id, id, 'sla_violation', 'TKT-' || id || ' missed its target', title, now() FROM told
    ), mailed AS (
      INSERT INTO email_deliveries (id, template, user_id, to_email, ticket_id, event_seq, params, status, created_at)
      SELECT uuidv7(), 'sla_violation', user_id, email, id, event_seq, jsonb_build_object('title', title, 'priority',
        priority_id, 'metric', metric, 'assignee', assigned_to, 'due_at', due_at), 'queued', now()
      FROM told RETURNING id
    )
    INSERT INTO outbox (queue, name, payload, lease_until)
    SELECT 'email', 'email.send', jsonb_build_object('delivery_id', id), now() + interval '5 seconds' FROM mailed`
}
