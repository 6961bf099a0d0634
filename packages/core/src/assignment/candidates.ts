import { runPrepared, type Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { agentRecord } from './agent-record.ts'
import type { AssignmentSettings } from './assignment-settings.ts'
import type { Candidate } from './choose.ts'
import { type AgentRecord, NO_RECORD } from './score.ts'

/** Whether agent `a` is out of office at `now`. */
export function isAway(now: Date) {
  return sql`coalesce(a.out_of_office_from <= ${now.toISOString()}::timestamptz
    AND (a.out_of_office_to IS NULL OR a.out_of_office_to > ${now.toISOString()}::timestamptz), false)`
}

/**
 * The condition by which agent `a`, user `u`, may be given tickets at `now`: active, right role, available, not away.
 */
export function isAvailableAgent(now: Date, includeSupervisors: boolean) {
  return sql`u.is_active AND a.is_available
    AND (u.role = 'Technical User' OR (u.role = 'Technical Supervisor' AND ${includeSupervisors}))
    AND NOT ${isAway(now)}`
}

/**
 * Everybody who could take a ticket now, locked in the order of their ids. Call under the assignment lock. What only a
 * score asks is read only for a score.
 * @param holder has the ticket in question, and so may be at the cap with it
 */
export async function lockCandidates(
  tx: Tx,
  now: Date,
  settings: Pick<AssignmentSettings, 'strategy' | 'include_supervisors'>,
  holder: number | null = null,
): Promise<Candidate[]> {
  const record = settings.strategy === 'score' ? agentRecord(now) : sql`NULL::jsonb`
  const rows = await runPrepared<CandidateRow>(
    tx,
    sql`
    SELECT a.user_id AS id, u.name, a.team_id, a.active_tickets AS active, a.max_tickets AS max,
      (extract(epoch FROM a.last_assigned_at) * 1000000)::bigint AS last, ${record} AS record
    FROM agents a JOIN users u ON u.id = a.user_id
    WHERE ${isAvailableAgent(now, settings.include_supervisors)} AND (a.active_tickets < a.max_tickets OR a.user_id = ${holder}::bigint)
    ORDER BY a.user_id
    FOR UPDATE OF a`,
  )
  return rows.map(candidateOf)
}

/** What a query for agents answers of each. */
export interface CandidateRow extends Record<string, unknown> {
  id: number
  name: string
  team_id: number | null
  active: number
  max: number
  /** Microseconds since 1970. */
  last: number | null
  record: AgentRecord | null
}

export function candidateOf(row: CandidateRow): Candidate {
  return {
    id: row.id,
    name: row.name,
    teamId: row.team_id,
    active: row.active,
    max: row.max,
    lastAssigned: row.last,
    record: row.record ?? NO_RECORD,
  }
}
