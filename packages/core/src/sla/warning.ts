import type { Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { markClocks, peopleTold } from './record-due.ts'

/**
 * Records that clocks, which the caller has locked with their tickets, came near their target: on the clock, in its log
 * and on the timeline; the assignee is alerted. One statement for any number of clocks.
 */
export async function recordWarnings(tx: Tx, clockIds: readonly number[], now: Date): Promise<void> {
  if (clockIds.length === 0) return
  const at = sql`${now.toISOString()}::timestamptz`
  const mark = { column: sql.raw('warned_at'), at, clockEvent: 'warn', ticketEvent: 'sla_warning' } as const
  await tx.execute(sql`
    WITH ${markClocks(clockIds, mark, now)}, ${peopleTold('sla_warning', sql`SELECT assigned_to FROM due`)}
    INSERT INTO alerts (user_id, ticket_id, alert_type, title, message, created_at)
    SELECT p.id, n.ticket_id, 'sla_warning', n.ref || ' is near its ' || n.metric_name || ' target', n.title, ${at}
    FROM noted n JOIN people p ON p.id = n.assigned_to AND p.in_app`)
}
