import type { Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { Configuration } from '../config/configuration.ts'
import { matchPolicy } from './match-policy.ts'
import { newClocks } from './targets.ts'
import type { ClockTicket } from './ticket-clocks.ts'

/**
 * Starts the clocks of open tickets that have none and that a policy matches by now. What was answered before needs no
 * clock for its first response; the resolution of a pending ticket starts paused.
 */
export async function startMissing(
  tx: Tx,
  configuration: Configuration,
  tickets: readonly ClockTicket[],
  now: Date,
): Promise<void> {
  const wanted = tickets.flatMap((ticket) => {
    if (ticket.statusClass === 'resolved' || ticket.statusClass === 'closed') return []
    const isPaused = (metric: string) => metric === 'resolution' && ticket.statusClass === 'pending'
    return newClocks(configuration, matchPolicy(configuration.policies, ticket), now).map((clock) => ({
      ...clock,
      ticket_id: ticket.id,
      is_paused: isPaused(clock.metric),
    }))
  })
  if (wanted.length === 0) return
  const at = sql`${now.toISOString()}::timestamptz`
  await tx.execute(sql`
    WITH wanted AS (
      SELECT k.* FROM jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) AS k(ticket_id bigint, metric text,
        policy_id bigint, target_seconds int, warn_percent smallint, calendar_version_id bigint, warn_at timestamptz,
        due_at timestamptz, is_paused boolean)
      JOIN tickets t ON t.id = k.ticket_id AND (k.metric = 'resolution' OR t.first_response_at IS NULL)
      WHERE NOT EXISTS (SELECT 1 FROM sla_clocks had WHERE had.ticket_id = k.ticket_id)
    ), clock AS (
      INSERT INTO sla_clocks (ticket_id, metric, policy_id, target_seconds, warn_percent, calendar_version_id, state,
        running_since, warn_at, due_at, paused_at, event_seq)
      SELECT ticket_id, metric, policy_id, target_seconds, warn_percent, calendar_version_id,
        CASE WHEN is_paused THEN 'paused' ELSE 'running' END, CASE WHEN NOT is_paused THEN ${at} END,
        CASE WHEN NOT is_paused THEN warn_at END, CASE WHEN NOT is_paused THEN due_at END,
        CASE WHEN is_paused THEN ${at} END, 1 + is_paused::int
      FROM wanted
      RETURNING id, policy_id, target_seconds, warn_percent, calendar_version_id, state
    )
    INSERT INTO sla_clock_events (clock_id, seq, type, at, data)
    SELECT id, 1, 'start', ${at}, jsonb_build_object('policy_id', policy_id, 'target_seconds', target_seconds,
      'warn_percent', warn_percent, 'calendar_version_id', calendar_version_id)
    FROM clock
    UNION ALL
    SELECT id, 2, 'pause', ${at}, '{}' FROM clock WHERE state = 'paused'`)
}
