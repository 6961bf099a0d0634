import type { agents, Database } from '@servicedesk/db'
import { sql } from 'drizzle-orm'

/** Who may be given tickets now, room aside; said independently of the product's query. */
export async function eligibleAgents(db: Database, now: Date): Promise<number[]> {
  const rows = await db.execute<{ id: number }>(sql`
    SELECT a.user_id AS id FROM settings s CROSS JOIN agents a JOIN users u ON u.id = a.user_id
    WHERE s.key = 'assignment' AND u.is_active AND a.is_available
      AND (u.role = 'Technical User'
        OR (u.role = 'Technical Supervisor' AND (s.value -> 'include_supervisors')::boolean))
      AND (a.out_of_office_from IS NULL OR a.out_of_office_from > ${now.toISOString()}::timestamptz
        OR a.out_of_office_to <= ${now.toISOString()}::timestamptz)`)
  return rows.map((row) => row.id)
}

/** Tickets that wait although one of these agents could take them. */
export async function waitingInVain(db: Database, eligible: readonly number[]): Promise<string[]> {
  const rows = await db.execute<{ fault: string }>(sql`
    SELECT 'ticket ' || t.id || ' waits though agent ' || min(a.user_id) || ' has room' AS fault
    FROM tickets t JOIN agents a ON t.team_id IS NULL OR a.team_id = t.team_id
    WHERE t.assigned_to IS NULL AND t.deleted_at IS NULL AND t.status_class NOT IN ('resolved', 'closed')
      AND a.active_tickets < a.max_tickets AND a.user_id = ANY (string_to_array(${eligible.join(',')}, ',')::bigint[])
    GROUP BY t.id`)
  return rows.map((row) => row.fault)
}

/** A desk before or after a drain. */
export interface Moment {
  strategy: string
  eligible: number[]
  agents: (typeof agents.$inferSelect)[]
  /** Who is passed over by the tickets. */
  passedOver: { id: number | null }[]
}

/**
 * What is unfair in what a drain gave out by workload: whoever got a ticket has at most one more than anybody eligible of
 * the same team who had room to the end, for that one had no fewer when it was given. Who is passed over may have fewer.
 */
export function fairnessFaults(before: Moment, after: Moment): string[] {
  if (before.strategy !== 'workload') return []
  const earlier = new Map(before.agents.map((agent) => [agent.userId, agent.activeTickets]))
  const passedOver = new Set(before.passedOver.map(({ id }) => id))
  const gained = after.agents.filter((agent) => agent.activeTickets > (earlier.get(agent.userId) ?? 0))
  const couldTake = after.agents.filter(
    (agent) =>
      before.eligible.includes(agent.userId) &&
      agent.activeTickets < agent.maxTickets &&
      !passedOver.has(agent.userId),
  )
  return gained.flatMap((rich) =>
    couldTake
      .filter((poor) => poor.teamId === rich.teamId && rich.activeTickets > poor.activeTickets + 1)
      .map(
        (poor) =>
          `agent ${rich.userId} got up to ${rich.activeTickets}, ${poor.userId} has ${poor.activeTickets}`,
      ),
  )
}
