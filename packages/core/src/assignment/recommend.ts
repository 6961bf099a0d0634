import type { Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { Configuration } from '../config/configuration.ts'
import { agentRecord } from './agent-record.ts'
import { type CandidateRow, candidateOf, isAway } from './candidates.ts'
import { points } from './explain-choice.ts'
import { byScore } from './rank.ts'
import { type Score, scoreOf } from './score.ts'

/** How well an agent fits a ticket. */
export interface Recommendation {
  agent_id: number
  name: string
  /** From 0 to 100. */
  score: number
  parts: Score['parts']
  /** Whether automatic assignment could give it to them now. */
  can_take: boolean
  /** For people: what the score is made of, and why they cannot take it where they cannot. */
  reason: string
}

/** The ticket that somebody is looked for. */
export interface SoughtTicket {
  teamId: number | null
  categoryId: number
  assignedTo: number | null
}

interface AgentRow extends CandidateRow {
  role: string
  is_available: boolean
  is_away: boolean
}

/** All active agents for a ticket, by their scores; those who cannot take it now say why. */
export async function recommend(
  db: Database,
  configuration: Configuration,
  ticket: SoughtTicket,
  now: Date,
): Promise<Recommendation[]> {
  const rows = await db.execute<AgentRow>(sql`
    SELECT a.user_id AS id, u.name, u.role, a.team_id, a.active_tickets AS active, a.max_tickets AS max,
      (extract(epoch FROM a.last_assigned_at) * 1000000)::bigint AS last, a.is_available, ${isAway(now)} AS is_away,
      ${agentRecord(now)} AS record
    FROM agents a JOIN users u ON u.id = a.user_id
    WHERE u.is_active AND u.role IN ('Technical User', 'Technical Supervisor')`)
  const { weights } = configuration.assignment
  const ranked = rows.map((row) => {
    const agent = candidateOf(row)
    return { row, agent, score: scoreOf(agent, ticket.categoryId, weights) }
  })
  return ranked.sort(byScore).map(({ row, score }) => {
    const obstacle = obstacleOf(row, ticket, configuration)
    const load = `${row.active} of at most ${row.max} active tickets`
    return {
      agent_id: row.id,
      name: row.name,
      score: score.total,
      parts: score.parts,
      can_take: obstacle === null,
      reason: `${obstacle === null ? '' : `${obstacle}; `}${load}; ${points(score, weights)}`,
    }
  })
}

/** Why automatic assignment would not choose this agent; null when it could. */
function obstacleOf(
  row: AgentRow,
  ticket: SoughtTicket,
  { assignment, teams }: Configuration,
): string | null {
  if (row.id === ticket.assignedTo) return 'has it already'
  if (!row.is_available) return 'is not available'
  if (row.is_away) return 'is out of office'
  if (row.role === 'Technical Supervisor' && !assignment.include_supervisors)
    return 'is a supervisor, and the settings leave supervisors out'
  const team = teams.find((each) => each.id === ticket.teamId)
  if (ticket.teamId !== null && row.team_id !== ticket.teamId) return `is not in team ${team?.name ?? ''}`
  return row.active >= row.max ? 'is at the cap' : null
}
