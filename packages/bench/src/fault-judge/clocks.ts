import type { Sql } from 'postgres'
import { type Finding, type WrongRow, wrongs } from './finding.ts'

/** A sweep every 15 s, and as much again for one that was killed. */
const SWEEP_SECONDS = 30

/** Every clock that ran past its due time is breached, once: in its log, on the timeline, and as alerts. */
export async function judgeClocks(sql: Sql): Promise<Finding> {
  const lost = await sql<WrongRow[]>`
    SELECT 'clock ' || id || ' of ticket ' || ticket_id || ' ran out unnoticed' AS what,
      (extract(epoch FROM due_at) * 1000)::float8 AS at
    FROM sla_clocks
    WHERE state = 'running' AND breached_at IS NULL AND due_at < now() - make_interval(secs => ${SWEEP_SECONDS})
    UNION ALL
    SELECT 'clock ' || k.id || ' is breached and its log does not say so', (extract(epoch FROM k.due_at) * 1000)::float8
    FROM sla_clocks k
    WHERE k.breached_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM sla_clock_events e WHERE e.clock_id = k.id AND e.type = 'breach')
    UNION ALL
    SELECT 'clock ' || k.id || ' is breached and the timeline does not say so', (extract(epoch FROM k.due_at) * 1000)::float8
    FROM sla_clocks k
    WHERE k.breached_at IS NOT NULL AND NOT EXISTS (SELECT FROM ticket_events e
      WHERE e.ticket_id = k.ticket_id AND e.type = 'sla_breach' AND e.data ->> 'metric' = k.metric)`
  const doubled = await sql<WrongRow[]>`
    SELECT 'clock ' || clock_id || ' was ' || type || 'ed ' || count(*) || ' times' AS what,
      (extract(epoch FROM min(at)) * 1000)::float8 AS at
    FROM sla_clock_events WHERE type IN ('breach', 'warn') GROUP BY clock_id, type HAVING count(*) > 1
    UNION ALL
    SELECT 'ticket ' || ticket_id || ': ' || (data ->> 'metric') || ' on the timeline ' || count(*) || ' times',
      (extract(epoch FROM min(created_at)) * 1000)::float8
    FROM ticket_events WHERE type = 'sla_breach' GROUP BY ticket_id, data ->> 'metric' HAVING count(*) > 1
    UNION ALL
    SELECT 'ticket ' || ticket_id || ': ' || user_id || ' was told ' || count(*) || ' times: ' || title,
      (extract(epoch FROM min(created_at)) * 1000)::float8
    FROM alerts WHERE alert_type = 'sla_violation' GROUP BY ticket_id, user_id, title HAVING count(*) > 1`
  const [row] = await sql<{ clocks: number; breached: number }[]>`
    SELECT count(*)::int AS clocks, count(breached_at)::int AS breached FROM sla_clocks`
  return {
    check: 'SLA clocks',
    counted: row?.clocks ?? 0,
    lost: wrongs(lost),
    doubled: wrongs(doubled),
    note: `${row?.breached ?? 0} breached`,
  }
}
