import type { Sql } from 'postgres'

/**
 * Both clocks of every ticket of `bench_fates`, by the calendar that runs around the clock: stopped with the
 * answer and with the resolution, paused while the ticket is pending, breached where that was too late.
 */
export async function loadClocks(sql: Sql): Promise<void> {
  await sql`
    INSERT INTO sla_clocks (ticket_id, metric, policy_id, target_seconds, warn_percent, calendar_version_id, state, elapsed_ms,
      running_since, warn_at, due_at, paused_at, warned_at, breached_at, stopped_at, event_seq)
    SELECT id, metric, policy_id, target, warn_percent, calendar_version_id, state,
      CASE state WHEN 'running' THEN 0 ELSE floor(extract(epoch FROM ended_at - created_at) * 1000) END,
      CASE state WHEN 'running' THEN created_at END, CASE state WHEN 'paused' THEN NULL ELSE warn_at END,
      CASE state WHEN 'paused' THEN NULL ELSE due_at END, CASE state WHEN 'paused' THEN ended_at END,
      CASE WHEN warn_at < ended_at THEN warn_at END, CASE WHEN due_at < ended_at THEN due_at END,
      CASE state WHEN 'stopped' THEN ended_at END, 1 + (state <> 'running')::int + (warn_at < ended_at)::int + (due_at < ended_at)::int
    FROM (
      SELECT f.*, m.*, f.created_at + make_interval(secs => m.target) AS due_at,
        f.created_at + make_interval(secs => m.target * f.warn_percent / 100.0) AS warn_at,
        CASE WHEN m.stopped_at IS NOT NULL THEN 'stopped' WHEN m.halted_at IS NOT NULL THEN 'paused' ELSE 'running' END AS state,
        coalesce(m.stopped_at, m.halted_at, now()) AS ended_at
      FROM bench_fates f CROSS JOIN LATERAL (VALUES
        ('first_response', f.first_seconds, f.answered_at, NULL), ('resolution', f.seconds, f.resolved_at, f.paused_at)
      ) AS m(metric, target, stopped_at, halted_at)
    ) k ORDER BY id, metric`
}

/** The logs of the clocks. */
export async function loadClockEvents(sql: Sql): Promise<void> {
  await sql`
    INSERT INTO sla_clock_events (clock_id, seq, type, at, data)
    SELECT k.id, row_number() OVER (PARTITION BY k.id ORDER BY e.at, e.step), e.type, e.at, e.data
    FROM sla_clocks k JOIN bench_fates f ON f.id = k.ticket_id
    CROSS JOIN LATERAL (VALUES
      (1, 'start', f.created_at, jsonb_build_object('policy_id', k.policy_id, 'target_seconds', k.target_seconds,
        'warn_percent', k.warn_percent, 'calendar_version_id', k.calendar_version_id)),
      (2, 'warn', k.warned_at, '{}'), (3, 'breach', k.breached_at, '{}'), (4, 'pause', k.paused_at, '{}'),
      (5, 'stop', k.stopped_at, '{}')
    ) AS e(step, type, at, data)
    WHERE e.at IS NOT NULL`
}
