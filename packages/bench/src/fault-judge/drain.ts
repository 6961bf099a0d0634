import type { Sql } from 'postgres'

/** What is still to be done, by kind. */
export interface Remaining extends Record<string, number> {
  jobs: number
  mails: number
  thumbnails: number
  waiting: number
  overdue: number
}

export async function countRemaining(sql: Sql): Promise<Remaining> {
  const [row] = await sql<Remaining[]>`
    SELECT (SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL)::int AS jobs,
      (SELECT count(*) FROM email_deliveries WHERE status IN ('queued', 'sending'))::int AS mails,
      (SELECT count(*) FROM attachments WHERE thumbnail = 'pending' AND deleted_at IS NULL)::int AS thumbnails,
      (SELECT count(*) FROM tickets t WHERE assigned_to IS NULL AND deleted_at IS NULL
        AND status_class IN ('new', 'open', 'pending')
        AND (team_id IS NULL OR EXISTS (SELECT FROM agents a WHERE a.team_id = t.team_id)))::int AS waiting,
      (SELECT count(*) FROM sla_clocks WHERE state = 'running' AND breached_at IS NULL AND due_at < now())::int AS overdue`
  if (row === undefined) throw new Error('the count returned no row')
  return row
}

/**
 * Waits until nothing remains to be done, or until nothing has moved for so long that nothing will.
 * @param patienceMs longer than the reconciler's period and grace together, and a stalled job's lock
 */
export async function waitUntilDrained(
  sql: Sql,
  patienceMs: number,
  onCount: (remaining: Remaining) => void,
): Promise<Remaining> {
  let last = ''
  let since = Date.now()
  for (;;) {
    const remaining = await countRemaining(sql)
    onCount(remaining)
    if (Object.values(remaining).every((each) => each === 0)) return remaining
    const now = JSON.stringify(remaining)
    if (now !== last) since = Date.now()
    last = now
    if (Date.now() - since > patienceMs) return remaining
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
