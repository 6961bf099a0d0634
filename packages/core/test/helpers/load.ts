import type { Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'

export interface Load extends Record<string, unknown> {
  id: number
  counter: number
  counted: number
  max: number
}

/** Every agent's counter beside what it claims to count. */
export async function loads(db: Database): Promise<Load[]> {
  return db.execute<Load>(sql`
    SELECT a.user_id AS id, a.active_tickets AS counter, a.max_tickets AS max,
      (SELECT count(*)::int FROM tickets t WHERE t.assigned_to = a.user_id AND t.deleted_at IS NULL
        AND t.status_class IN ('new', 'open', 'pending')
        AND (t.status_class <> 'pending' OR NOT coalesce(s.frees, false))) AS counted
    FROM agents a LEFT JOIN (SELECT (value ->> 'pending_frees_capacity')::boolean AS frees FROM settings
      WHERE key = 'assignment') s ON true
    ORDER BY a.user_id`)
}

/** What must hold of every desk at rest; each entry is a sentence about what does not. */
export async function brokenPromises(db: Database): Promise<string[]> {
  const broken = (await loads(db)).flatMap((load) => [
    ...(load.counter === load.counted
      ? []
      : [`agent ${load.id} counts ${load.counter}, has ${load.counted}`]),
    ...(load.counter <= load.max ? [] : [`agent ${load.id} has ${load.counter} of ${load.max}`]),
  ])
  const rows = await db.execute<{ problem: string }>(sql`
    SELECT 'ticket ' || t.id || ' is assigned without an assignment' AS problem FROM tickets t
      WHERE t.assigned_to IS NOT NULL AND NOT EXISTS (SELECT 1 FROM assignments a
        WHERE a.ticket_id = t.id AND a.ended_at IS NULL AND a.agent_id = t.assigned_to)
    UNION ALL
    SELECT 'ticket ' || t.id || ' has an assignment and no agent' FROM tickets t JOIN assignments a
      ON a.ticket_id = t.id AND a.ended_at IS NULL WHERE t.assigned_to IS NULL
    UNION ALL
    SELECT 'ticket ' || t.id || ' is assigned and New' FROM tickets t
      WHERE t.assigned_to IS NOT NULL AND t.status_class = 'new'
    UNION ALL
    SELECT 'ticket ' || t.id || ' has a gap in its events' FROM tickets t
      JOIN (SELECT ticket_id, count(*) AS n, max(seq) AS seq, count(public_seq) AS p, max(public_seq) AS public_seq
        FROM ticket_events GROUP BY ticket_id) e ON e.ticket_id = t.id
      WHERE e.n <> e.seq OR e.p <> e.public_seq OR t.event_seq <> e.seq OR t.public_seq <> e.public_seq
    UNION ALL
    SELECT 'clock ' || k.id || ' has a gap in its log' FROM sla_clocks k
      JOIN (SELECT clock_id, count(*) AS n, max(seq) AS seq FROM sla_clock_events GROUP BY clock_id) e
        ON e.clock_id = k.id WHERE e.n <> e.seq OR k.event_seq <> e.seq`)
  return [...broken, ...rows.map((row) => row.problem)]
}
