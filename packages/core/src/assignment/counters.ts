import { STATUS_CLASSES, type Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { type AssignmentSettings, readAssignmentSettings } from './assignment-settings.ts'
import { countsAgainstCap } from './load.ts'
import { stopCounting, takeAssignmentLock } from './lock.ts'

/** An agent whose counter was not what it counts, and what it was set to. */
export interface Miscount extends Record<string, unknown> {
  agent_id: number
  was: number
  is: number
}

/** Every agent with another counter than the count of their tickets. One statement, so it sees one moment. */
function miscounts(settings: AssignmentSettings) {
  const counted = STATUS_CLASSES.filter((each) => countsAgainstCap(each, settings)).join(',')
  return sql`
    SELECT a.user_id AS agent_id, a.active_tickets AS was, coalesce(n.many, 0)::int AS is
    FROM agents a LEFT JOIN (
      SELECT assigned_to, count(*) AS many FROM tickets
      WHERE assigned_to IS NOT NULL AND deleted_at IS NULL AND status_class IN ('new', 'open', 'pending')
        AND status_class = ANY (string_to_array(${counted}, ','))
      GROUP BY assigned_to
    ) n ON n.assigned_to = a.user_id
    WHERE a.active_tickets <> coalesce(n.many, 0)`
}

/**
 * Sets every agent's counter to the count of their tickets. Call under the assignment lock; from here on nobody
 * counts by a setting until the transaction ends.
 * @returns the counters that were changed
 */
export async function recountAgents(tx: Tx): Promise<Miscount[]> {
  await stopCounting(tx)
  const settings = await readAssignmentSettings(tx)
  // Who has changed a counter and not committed is waited for here, so that the next statement sees their tickets too.
  await tx.execute(sql`SELECT 1 FROM agents ORDER BY user_id FOR UPDATE`)
  return tx.execute<Miscount>(sql`
    UPDATE agents a SET active_tickets = m.is FROM (${miscounts(settings)}) m
    WHERE a.user_id = m.agent_id
    RETURNING m.agent_id, m.was, m.is`)
}

/**
 * Compares all counters with what they count and mends those that differ, which only a fault of ours or a change by
 * hand in the database can bring about.
 * @returns what was mended, to be warned of
 */
export async function repairCounters(tx: Tx): Promise<Miscount[]> {
  await takeAssignmentLock(tx)
  const wrong = await tx.execute(miscounts(await readAssignmentSettings(tx)))
  return wrong.length === 0 ? [] : recountAgents(tx)
}
