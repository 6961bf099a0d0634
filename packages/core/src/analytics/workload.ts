import { defineStatement, type Executor } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { type AgentIdentity, IS_AGENT, OPEN_BY_AGENT } from './agents.ts'
import { ALWAYS } from './days.ts'
import { rounded } from './numbers.ts'
import { dividedSettled, settledBy } from './settled.ts'

/** How much an agent has to do. */
export interface AgentWorkload extends AgentIdentity {
  /** Open and closed. */
  ticket_count: number
  /** Of class new, open and pending. */
  active_tickets: number
  pending_tickets: number
  /** Of class resolved and closed, ever. */
  closed_tickets: number
  max_tickets: number
  /** Active of max tickets, as a percentage; over 100 for who was given more by force. Null for a cap of 0. */
  utilization: number | null
}

interface WorkloadRow extends Record<string, unknown> {
  id: number
  name: string
  email: string
  role: string
  max_tickets: number
  active: number
  pending: number
  closed: number
}

const workloadStatement = defineStatement<{ supervisors: boolean }, WorkloadRow>(
  'agent_workload',
  sql`
  WITH ${dividedSettled(ALWAYS)}, ${OPEN_BY_AGENT}, settled AS MATERIALIZED (
    SELECT key_id AS agent, sum(settled)::int AS closed FROM (${settledBy('agent')}) x GROUP BY 1
  )
  SELECT u.id, u.name, u.email, u.role, a.max_tickets, coalesce(o.active, 0) AS active,
    coalesce(o.pending, 0) AS pending, coalesce(s.closed, 0) AS closed
  FROM agents a JOIN users u ON u.id = a.user_id
  LEFT JOIN open o ON o.agent = u.id LEFT JOIN settled s ON s.agent = u.id
  WHERE u.is_active AND ${IS_AGENT}
  ORDER BY u.id`,
)

/** Every active agent, those with nothing too. */
export async function agentWorkload(
  db: Executor,
  { includeSupervisors }: { includeSupervisors: boolean },
): Promise<AgentWorkload[]> {
  const rows = await workloadStatement.run(db, { supervisors: includeSupervisors })
  return rows.map(({ id, name, email, role, max_tickets, active, pending, closed }) => ({
    agent_id: id,
    id,
    name,
    email,
    role,
    ticket_count: active + closed,
    active_tickets: active,
    pending_tickets: pending,
    closed_tickets: closed,
    max_tickets,
    utilization: max_tickets === 0 ? null : rounded((100 * active) / max_tickets, 1),
  }))
}
