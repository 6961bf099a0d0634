import { type Tx, toDate } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { sql } from 'drizzle-orm'
import { type Notification, notify, supervisorIds } from '../alerts/notify.ts'
import type { Configuration } from '../config/configuration.ts'
import { firstOfClass } from '../config/configuration.ts'
import type { Clock } from '../shared/ports.ts'
import { appendEvents, type NewEvent } from '../tickets/events.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import { lockCandidates } from './candidates.ts'
import { type Candidate, type Choice, chooseByWorkload } from './choose.ts'
import { takeAssignmentLock } from './lock.ts'
import { markUnassignable } from './waiting.ts'

const BATCH = 100

interface WaitingRow extends Record<string, unknown> {
  id: number
  title: string
  priority: string
  team_id: number | null
  passed_over: number | null
  status_class: string
  created_at: string
  due_at: string | null
}

/**
 * Assigns whatever waits, most urgent first, in one batch of up to 100 under the assignment lock. Tickets that
 * nobody can take keep a reason, and supervisors are told once. A full batch owes another drain.
 * @returns how many were assigned
 */
export async function assignWaiting(
  tx: Tx,
  configuration: Configuration,
  clock: Clock,
  limit = BATCH,
): Promise<number> {
  await takeAssignmentLock(tx)
  const candidates = await lockCandidates(tx, clock.now(), configuration.assignment.include_supervisors)
  const waiting = candidates.length === 0 ? [] : await lockWaiting(tx, teamsOf(candidates), limit)
  const now = afterCreation(clock, waiting)
  const choices = chooseByWorkload(
    waiting.map((row) => ({ id: row.id, teamId: row.team_id, passedOver: row.passed_over })),
    candidates,
    now.getTime() * 1_000,
  )
  if (choices.length > 0) await writeChoices(tx, configuration, choices, waiting, now)
  if (waiting.length === limit) await emit(tx, 'assignment.drain', {})
  else {
    const free = candidates.filter((agent) => agent.active < agent.max)
    await markUnassignable(tx, configuration, { anybody: free.length > 0, teams: teamsOf(free) }, now)
  }
  return choices.length
}

/**
 * When the tickets that were found are assigned: read after the wait for the lock, in which some of them were created,
 * and not before any of them even when the host that created it is ahead.
 */
function afterCreation(clock: Clock, waiting: readonly WaitingRow[]): Date {
  const created = waiting.map((row) => toDate(row.created_at).getTime())
  return new Date(Math.max(clock.now().getTime(), ...created))
}

/** The ids of the teams that these agents are in, as PostgreSQL's `string_to_array` reads them. */
function teamsOf(agents: readonly Candidate[]): string {
  return [...new Set(agents.flatMap((agent) => agent.teamId ?? []))].join(',')
}

/** Waiting tickets that some candidate could take; the others must not fill the batch. */
async function lockWaiting(tx: Tx, teams: string, limit: number): Promise<WaitingRow[]> {
  return tx.execute<WaitingRow>(sql`
    SELECT t.id, t.title, p.name AS priority, t.team_id, t.passed_over, t.status_class, t.created_at, k.due_at
    FROM tickets t JOIN priorities p ON p.id = t.priority_id
    LEFT JOIN sla_clocks k ON k.ticket_id = t.id AND k.metric = 'resolution'
    WHERE t.assigned_to IS NULL AND t.deleted_at IS NULL AND t.status_class IN ('new', 'open', 'pending')
      AND (t.team_id IS NULL OR t.team_id = ANY (string_to_array(${teams}, ',')::bigint[]))
    ORDER BY p.rank, t.created_at, t.id
    LIMIT ${limit}
    FOR UPDATE OF t`)
}

async function writeChoices(
  tx: Tx,
  configuration: Configuration,
  choices: Choice[],
  waiting: WaitingRow[],
  now: Date,
): Promise<void> {
  const open = firstOfClass(configuration, 'open')
  const rowOf = new Map(waiting.map((row) => [row.id, row]))
  const input = JSON.stringify(
    choices.map((choice, n) => ({
      n,
      ticket_id: choice.ticketId,
      agent_id: choice.agent.id,
      reason: choice.reason,
      parts: choice.parts,
    })),
  )
  // Each agent's counter and last assignment follow from the same input, so they cannot disagree with the tickets.
  await tx.execute(sql`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${input}::jsonb) AS c(n int, ticket_id bigint, agent_id bigint, reason text, parts jsonb)
    ), given AS (
      UPDATE tickets t SET assigned_to = i.agent_id, waiting_reason = NULL, passed_over = NULL,
        status_id = CASE WHEN t.status_class = 'new' THEN ${open.id} ELSE t.status_id END,
        status_class = CASE WHEN t.status_class = 'new' THEN 'open' ELSE t.status_class END
      FROM input i WHERE t.id = i.ticket_id
    ), counted AS (
      UPDATE agents a SET active_tickets = a.active_tickets + g.many,
        last_assigned_at = ${now.toISOString()}::timestamptz + g.latest * interval '1 microsecond'
      FROM (SELECT agent_id, count(*)::int AS many, max(n) + 1 AS latest FROM input GROUP BY agent_id) g
      WHERE a.user_id = g.agent_id
    )
    INSERT INTO assignments (ticket_id, agent_id, strategy, parts, reason, assigned_at)
    SELECT ticket_id, agent_id, 'workload', parts, reason, ${now.toISOString()}::timestamptz FROM input`)

  const supervisors = await supervisorIds(tx)
  const events: NewEvent[] = []
  /** Who is to be told, with the place of the event that they are told of. */
  const owed: { of: number; notification: Notification }[] = []
  for (const choice of choices) {
    const row = rowOf.get(choice.ticketId)
    if (row === undefined) continue
    const told = { ticketId: row.id, at: now, message: row.title }
    if (row.status_class === 'new') {
      const data = { from: firstOfClass(configuration, 'new').name, to: open.name }
      events.push({ ticketId: row.id, type: 'status_changed', actorId: null, at: now, data })
    }
    const data = { to: choice.agent.id, to_name: choice.agent.name }
    const of = events.push({ ticketId: row.id, type: 'assigned', actorId: null, at: now, data }) - 1
    const params = {
      title: row.title,
      priority: row.priority,
      due_at: toDate(row.due_at)?.toISOString() ?? null,
    }
    const title = `${ticketRef(row.id)} is assigned to you`
    const mail = { template: 'assignment', params }
    owed.push({
      of,
      notification: { ...told, userId: choice.agent.id, type: 'assignment', title, mail },
    })
    for (const userId of supervisors) {
      if (userId === choice.agent.id) continue
      const title = `${ticketRef(row.id)} is assigned to ${choice.agent.name}`
      owed.push({ of, notification: { ...told, userId, type: 'assignment', title } })
    }
  }
  const seqs = await appendEvents(tx, events)
  await notify(
    tx,
    owed.map(({ of, notification }) => ({ ...notification, eventSeq: seqs[of] })),
  )
}
