import type { ChangeContext } from '../tickets/change-context.ts'
import { clockTicket } from '../tickets/change-context.ts'
import type { LockedTicket } from '../tickets/tickets.repo.ts'
import { readAssignmentSettings } from './assignment-settings.ts'
import { lockCandidates } from './candidates.ts'
import { choose } from './choose.ts'
import { releaseAgent } from './manual.ts'
import { markUnassignable, roomOf } from './waiting.ts'
import { asWaiting, lockWaitingRow } from './waiting-rows.ts'
import { writeChoices } from './write-choices.ts'

/**
 * Lets the engine choose for one locked ticket at once, ahead of those that wait. A ticket that somebody has stays
 * theirs when they are the best choice still, or when nobody else can take it. Without anybody the ticket waits. Call
 * under the assignment lock.
 */
export async function assignOne(context: ChangeContext, ticket: LockedTicket): Promise<void> {
  const { tx, actor, configuration, now } = context
  const settings = await readAssignmentSettings(tx)
  const row = await lockWaitingRow(tx, ticket.id)
  if (row === undefined) return
  const wanted = asWaiting(row, settings)
  const candidates = await lockCandidates(tx, now, settings, ticket.assignedTo)
  const holder = candidates.find((agent) => agent.id === ticket.assignedTo)
  // Compared as if nobody had it yet.
  if (holder !== undefined && wanted.counts) holder.active = Math.max(0, holder.active - 1)
  const choices = choose(settings, [wanted], candidates, now.getTime() * 1_000)
  const [choice] = choices
  if (choice === undefined) {
    if (ticket.assignedTo === null) await markUnassignable(tx, configuration, roomOf(candidates), now)
    return
  }
  if (choice.agent.id === ticket.assignedTo) return
  await releaseAgent(tx, { ...clockTicket(configuration, ticket), statusClass: ticket.statusClass }, now)
  await writeChoices(tx, configuration, choices, [row], { actorId: actor.id, now })
  ticket.assignedTo = choice.agent.id
}
