import { sql } from 'drizzle-orm'
import { isPresent } from './presence.ts'

const JUDGED_DAYS = 30
/** Tickets of an agent that are looked at, newest first: enough to judge by, and bounded however long they work here. */
const JUDGED_TICKETS = 200

/**
 * The `AgentRecord` of agent `a` at `now`, as JSON. Clocks are judged where they stopped or were missed within 30
 * days, among the agent's 200 newest tickets; a clock counts for whoever has its ticket now.
 */
export function agentRecord(now: Date) {
  const at = sql`${now.toISOString()}::timestamptz`
  return sql`(
    SELECT jsonb_build_object(
      'skills', coalesce((SELECT jsonb_object_agg(s.category_id, s.level) FROM agent_skills s
        WHERE s.user_id = a.user_id), '{}'),
      'judged', count(k.id), 'met', count(k.id) FILTER (WHERE k.breached_at IS NULL), 'isPresent', ${isPresent(now)})
    FROM (SELECT t.id FROM tickets t WHERE t.assigned_to = a.user_id AND t.deleted_at IS NULL
      ORDER BY t.created_at DESC LIMIT ${JUDGED_TICKETS}) own
    JOIN sla_clocks k ON k.ticket_id = own.id AND k.metric = 'resolution'
      AND coalesce(k.breached_at, k.stopped_at) BETWEEN ${at} - make_interval(days => ${JUDGED_DAYS}) AND ${at})`
}
