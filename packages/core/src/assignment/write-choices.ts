import { runPrepared, type Tx, toDate } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { type Notification, notify, supervisorIds } from '../alerts/notify.ts'
import { type Configuration, firstOfClass } from '../config/configuration.ts'
import { appendEvents, type NewEvent } from '../tickets/events.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import type { Choice } from './choose.ts'
import type { WaitingRow } from './waiting-rows.ts'

/**
 * Writes what was chosen: tickets, agents' counters and turns, assignments, timelines; the agents are told, and all
 * supervisors, because the engine chose. New becomes Open.
 * @param by whoever asked for it, who is not told; null for the desk
 */
export async function writeChoices(
  tx: Tx,
  configuration: Configuration,
  choices: readonly Choice[],
  waiting: readonly WaitingRow[],
  by: { actorId: number | null; now: Date },
): Promise<void> {
  const { actorId, now } = by
  const open = firstOfClass(configuration, 'open')
  const rowOf = new Map(waiting.map((row) => [row.id, row]))
  const input = JSON.stringify(
    choices.map((choice) => ({
      ticket_id: choice.ticketId,
      agent_id: choice.agent.id,
      strategy: choice.strategy,
      score: choice.score,
      parts: choice.parts,
      reason: choice.reason,
      load: choice.counts ? 1 : 0,
      turn: choice.turn,
    })),
  )
  // Each agent's counter and last assignment follow from the same input, so they cannot disagree with the tickets.
  await runPrepared(
    tx,
    sql`
    WITH input AS (
      SELECT * FROM jsonb_to_recordset(${input}::jsonb) AS c(ticket_id bigint, agent_id bigint, strategy text,
        score float8, parts jsonb, reason text, load int, turn bigint)
    ), counted AS (
      UPDATE agents a SET active_tickets = a.active_tickets + g.many,
        last_assigned_at = timestamptz 'epoch' + g.latest * interval '1 microsecond'
      FROM (SELECT agent_id, sum(load)::int AS many, max(turn) AS latest FROM input GROUP BY agent_id) g
      WHERE a.user_id = g.agent_id
    )
    INSERT INTO assignments (ticket_id, agent_id, strategy, score, parts, reason, assigned_at)
    SELECT ticket_id, agent_id, strategy, score, parts, reason, ${now.toISOString()}::timestamptz FROM input`,
  )

  const supervisors = await supervisorIds(tx)
  const events: NewEvent[] = []
  /** Who is to be told, with the place of the event that they are told of. */
  const owed: { of: number; notification: Notification }[] = []
  for (const choice of choices) {
    const row = rowOf.get(choice.ticketId)
    if (row === undefined) continue
    const told = { ticketId: row.id, at: now, message: row.title }
    if (row.status_class === 'new') {
      const from = firstOfClass(configuration, 'new').name
      const data = { from, to: open.name, from_class: 'new', to_class: 'open' }
      events.push({ ticketId: row.id, type: 'status_changed', actorId, at: now, data })
    }
    const data = { to: choice.agent.id, to_name: choice.agent.name, reason: choice.reason }
    const of = events.push({ ticketId: row.id, type: 'assigned', actorId, at: now, data }) - 1
    const params = {
      title: row.title,
      priority: row.priority,
      due_at: toDate(row.due_at)?.toISOString() ?? null,
    }
    const title = `${ticketRef(row.id)} is assigned to you`
    const mail = { template: 'assignment', params }
    const copy = {
      template: 'assignment_copy',
      params: { title: row.title, priority: row.priority, assignee: choice.agent.name },
      isOnRequest: true,
    }
    if (choice.agent.id !== actorId)
      owed.push({ of, notification: { ...told, userId: choice.agent.id, type: 'assignment', title, mail } })
    for (const userId of supervisors) {
      if (userId === choice.agent.id || userId === actorId) continue
      const title = `${ticketRef(row.id)} is assigned to ${choice.agent.name}`
      owed.push({ of, notification: { ...told, userId, type: 'assignment', title, mail: copy } })
    }
  }
  // Every choice has an event.
  const seqs = await appendEvents(tx, events, {
    set: sql`assigned_to = choice.agent_id, waiting_reason = NULL, passed_over = NULL,
      status_id = CASE WHEN t.status_class = 'new' THEN ${open.id} ELSE t.status_id END,
      status_class = CASE WHEN t.status_class = 'new' THEN 'open' ELSE t.status_class END`,
    rows: sql`jsonb_to_recordset(${input}::jsonb) AS choice(ticket_id bigint, agent_id bigint)`,
  })
  await notify(
    tx,
    owed.map(({ of, notification }) => ({ ...notification, eventSeq: seqs[of] })),
    configuration.mail,
  )
}
