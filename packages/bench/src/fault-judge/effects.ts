import type { Sql } from 'postgres'
import { type Finding, type WrongRow, wrongs } from './finding.ts'

/** Every owed job had its effect, once. The ledger was written by the effects' own transactions. */
export async function judgeJobs(sql: Sql): Promise<Finding> {
  const lost = await sql<WrongRow[]>`
    SELECT name || ' ' || id || CASE
        WHEN failed_at IS NOT NULL THEN ': dead letter (' || coalesce(last_error, '') || ')'
        WHEN dispatched_at IS NULL THEN ': owed, never sent'
        ELSE ': sent ' || attempts || ' times, never done' END AS what,
      (extract(epoch FROM created_at) * 1000)::float8 AS at
    FROM outbox WHERE done_at IS NULL ORDER BY created_at`
  const doubled = await sql<WrongRow[]>`
    SELECT e.name || ' ' || e.outbox_id || ': done ' || count(*) || ' times' AS what,
      (extract(epoch FROM min(o.created_at)) * 1000)::float8 AS at
    FROM fault_effects e LEFT JOIN outbox o ON o.id = e.outbox_id
    GROUP BY e.outbox_id, e.name HAVING count(*) > 1`
  const [row] = await sql<{ jobs: number; again: number }[]>`
    SELECT count(*)::int AS jobs, count(*) FILTER (WHERE attempts > 1)::int AS again FROM outbox`
  return {
    check: 'owed jobs done',
    counted: row?.jobs ?? 0,
    lost: wrongs(lost),
    doubled: wrongs(doubled),
    note: `${row?.again ?? 0} sent to Redis again`,
  }
}

/** Every ticket that waits has a reason to; nobody was over the cap at any moment; counters are counts. */
export async function judgeAssignment(sql: Sql): Promise<Finding> {
  const lost = await sql<WrongRow[]>`
    SELECT 'ticket ' || t.id || ' waits though an agent is free' AS what,
      (extract(epoch FROM t.created_at) * 1000)::float8 AS at
    FROM tickets t
    WHERE t.assigned_to IS NULL AND t.deleted_at IS NULL AND t.status_class IN ('new', 'open', 'pending')
      AND EXISTS (SELECT FROM agents a JOIN users u ON u.id = a.user_id AND u.is_active
        WHERE a.active_tickets < a.max_tickets AND a.is_available AND (t.team_id IS NULL OR a.team_id = t.team_id))
    UNION ALL
    SELECT 'agent ' || a.user_id || ' counts ' || a.active_tickets || ' tickets and has ' || n.n, NULL
    FROM agents a CROSS JOIN LATERAL (
      SELECT count(*) AS n FROM tickets t WHERE t.assigned_to = a.user_id AND t.deleted_at IS NULL
        AND t.status_class IN ('new', 'open', 'pending')) n
    WHERE n.n <> a.active_tickets
    UNION ALL
    SELECT 'ticket ' || t.id || ' has an agent and no assignment', NULL FROM tickets t
    WHERE t.assigned_to IS NOT NULL AND NOT EXISTS (SELECT FROM assignments a WHERE a.ticket_id = t.id)`
  const doubled = await sql<WrongRow[]>`
    SELECT 'agent ' || agent_id || ' had ' || active || ' tickets, more than allowed' AS what,
      (extract(epoch FROM at) * 1000)::float8 AS at FROM fault_over_capacity
    UNION ALL
    SELECT 'ticket ' || ticket_id || ' was assigned ' || count(*) || ' times by the engine', NULL
    FROM assignments WHERE assigned_by IS NULL GROUP BY ticket_id HAVING count(*) > 1
    UNION ALL
    SELECT 'ticket ' || ticket_id || ': ' || user_id || ' was told ' || count(*) || ' times of its assignment', NULL
    FROM alerts WHERE alert_type = 'assignment' AND ticket_id IN (SELECT id FROM tickets WHERE description ~ '\\[m\\d+\\]$')
    GROUP BY ticket_id, user_id HAVING count(*) > 1`
  const [row] = await sql<{ n: number }[]>`SELECT count(*)::int AS n FROM assignments`
  return {
    check: 'tickets assigned',
    counted: row?.n ?? 0,
    lost: wrongs(lost),
    doubled: wrongs(doubled),
    note: 'caps, counters and alerts looked at',
  }
}

/** Every event of a ticket has its number, without a gap or a double, for staff and for requesters. */
export async function judgeTimelines(sql: Sql): Promise<Finding> {
  const lost = await sql<WrongRow[]>`
    SELECT 'ticket ' || t.id || ': events ' || e.n || ', last number ' || t.event_seq AS what,
      (extract(epoch FROM t.created_at) * 1000)::float8 AS at
    FROM tickets t JOIN (
      SELECT ticket_id, count(*) AS n, max(seq) AS last, count(public_seq) AS public, max(public_seq) AS last_public
      FROM ticket_events GROUP BY ticket_id) e ON e.ticket_id = t.id
    WHERE e.n <> t.event_seq OR e.last <> t.event_seq OR e.public <> t.public_seq OR e.last_public <> t.public_seq`
  const [row] = await sql<{ n: number }[]>`SELECT count(*)::int AS n FROM ticket_events`
  return { check: 'timeline events', counted: row?.n ?? 0, lost: wrongs(lost), doubled: [] }
}
