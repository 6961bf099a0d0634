import type { Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { notify, supervisorIds } from '../alerts/notify.ts'
import type { Configuration } from '../config/configuration.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import type { Candidate } from './choose.ts'

/** No more than this many get their reason in one turn; the next drain goes on. */
const BATCH = 200

/** Where capacity is left: with anybody at all, and in which teams (ids, comma-separated). */
export interface Room {
  anybody: boolean
  teams: string
}

/** The ids of the teams that these agents are in, as PostgreSQL's `string_to_array` reads them. */
export function teamsOf(agents: readonly Candidate[]): string {
  return [...new Set(agents.flatMap((agent) => agent.teamId ?? []))].join(',')
}

/** What is left after choosing among these agents. */
export function roomOf(candidates: readonly Candidate[]): Room {
  const free = candidates.filter((agent) => agent.active < agent.max)
  return { anybody: free.length > 0, teams: teamsOf(free) }
}

/**
 * Gives tickets that stay without an agent the reason why, and tells supervisors once a ticket: only those
 * without a reason yet are touched. Call after what could be assigned was.
 */
export async function markUnassignable(
  tx: Tx,
  configuration: Configuration,
  room: Room,
  now: Date,
): Promise<void> {
  const rows = await tx.execute<{ id: number; title: string; team_id: number | null; priority: string }>(sql`
    SELECT t.id, t.title, t.team_id, p.name AS priority
    FROM tickets t JOIN priorities p ON p.id = t.priority_id
    WHERE t.assigned_to IS NULL AND t.deleted_at IS NULL AND t.status_class IN ('new', 'open', 'pending')
      AND t.waiting_reason IS NULL
      -- A ticket that came after the batch was read and can be assigned has a job of its own.
      AND NOT (CASE WHEN t.team_id IS NULL THEN ${room.anybody}
        ELSE t.team_id = ANY (string_to_array(${room.teams}, ',')::bigint[]) END)
    ORDER BY t.id LIMIT ${BATCH}
    FOR UPDATE OF t`)
  if (rows.length === 0) return
  const reasons = rows.map((row) => ({ id: row.id, reason: reasonFor(configuration, row.team_id) }))
  await tx.execute(sql`
    UPDATE tickets t SET waiting_reason = r.reason
    FROM jsonb_to_recordset(${JSON.stringify(reasons)}::jsonb) AS r(id bigint, reason text)
    WHERE t.id = r.id`)
  const supervisors = await supervisorIds(tx)
  await notify(
    tx,
    rows.flatMap((row, index) =>
      supervisors.map((userId) => ({
        userId,
        type: 'escalation' as const,
        ticketId: row.id,
        at: now,
        title: `${ticketRef(row.id)} waits for an agent`,
        message: `${row.title}: ${reasons[index]?.reason ?? ''}`,
        mail: {
          template: 'waiting',
          params: { title: row.title, priority: row.priority, reason: reasons[index]?.reason ?? '' },
        },
      })),
    ),
    configuration.mail,
  )
}

function reasonFor(configuration: Configuration, teamId: number | null): string {
  const team = configuration.teams.find((each) => each.id === teamId)
  const whom = team === undefined ? 'No agent' : `No agent of team ${team.name}`
  return `${whom} is available with capacity left`
}
