import { noteChanges, type Tx } from '@servicedesk/db'
import { currentTraceparent, noteEmitted } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'
import {
  birthLease,
  type DueNotes,
  type Mark,
  markClocks,
  notesOf,
  peopleTold,
  selectNotes,
} from './record-due.ts'

const BREACH: Mark = {
  column: sql.raw('breached_at'),
  at: sql.raw('k.due_at'),
  clockEvent: 'breach',
  ticketEvent: 'sla_breach',
}

/** A job that a statement wrote: the outbox row's id and its payload. */
type WrittenJob = [id: string, queue: string, name: string, payload: unknown]

/**
 * Records breaches at the instants they were due, of clocks that the caller has locked with their tickets: on the clock,
 * in its log and on the timeline; where the policy says so, as alerts and mails to the assignee and all supervisors, and
 * as a job that escalates or reassigns (`actOnBreach`). The sweep and every change that settles a clock come through
 * here. One statement for any number of clocks.
 */
export async function recordBreaches(tx: Tx, clockIds: readonly number[], now: Date): Promise<void> {
  if (clockIds.length === 0) return
  const at = sql`${now.toISOString()}::timestamptz`
  const traceparent = currentTraceparent()
  const [row] = await tx.execute<DueNotes & { jobs: WrittenJob[] | null }>(sql`
    WITH ${markClocks(clockIds, BREACH, now)}, ${peopleTold(
      'sla_violation',
      sql`SELECT id FROM users WHERE role = 'Technical Supervisor' UNION SELECT assigned_to FROM due`,
    )}, loud AS (
      SELECT n.*, a.name AS assignee, pr.name AS priority
      FROM noted n JOIN sla_policies p ON p.id = n.policy_id AND p.breach_alert
      JOIN priorities pr ON pr.id = n.priority_id LEFT JOIN users a ON a.id = n.assigned_to
    ), told AS MATERIALIZED (
      SELECT l.*, p.id AS user_id, p.email, p.in_app, p.by_mail FROM loud l JOIN people p ON p.supervises
      UNION ALL
      SELECT l.*, p.id, p.email, p.in_app, p.by_mail FROM loud l JOIN people p ON p.id = l.assigned_to
      WHERE NOT p.supervises
    ), alerted AS (
      INSERT INTO alerts (user_id, ticket_id, alert_type, title, message, created_at)
      SELECT user_id, ticket_id, 'sla_violation', ref || ' missed its ' || metric_name || ' target', title, ${at}
      FROM told WHERE in_app
      RETURNING id, user_id
    ), mailed AS (
      INSERT INTO email_deliveries (id, template, user_id, to_email, ticket_id, event_seq, params, status, created_at)
      SELECT uuidv7(), 'sla_violation', user_id, email, ticket_id, event_seq, jsonb_build_object('title', title,
        'priority', priority, 'metric', metric, 'assignee', assignee, 'due_at', due_iso), 'queued', ${at}
      FROM told WHERE by_mail
      RETURNING id
    ), job AS (
      INSERT INTO outbox (queue, name, payload, lease_until, traceparent)
      SELECT j.queue, j.name, j.payload, ${birthLease}, ${traceparent}::text FROM (
        SELECT 'email' AS queue, 'email.send' AS name, jsonb_build_object('delivery_id', id) AS payload FROM mailed
        UNION ALL
        SELECT 'sla', 'sla.act', jsonb_build_object('clock_id', n.id) FROM noted n
        JOIN sla_policies p ON p.id = n.policy_id AND (p.breach_escalate OR p.breach_reassign)
      ) j
      RETURNING id, queue, name, payload
    )
    SELECT json_agg(json_build_array(id, queue, name, payload)) AS jobs, ${selectNotes} FROM job`)
  noteChanges(tx, notesOf(row))
  const jobs = row?.jobs ?? []
  noteEmitted(
    tx,
    jobs.map(([id, queue, name, payload]) => ({ id, queue, name, payload, attempts: 0, traceparent })),
  )
}
