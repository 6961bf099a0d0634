import { tickets } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { eq } from 'drizzle-orm'
import { reassign } from '../assignment/reassign.ts'
import { type CategoryRow, type Configuration, firstOfClass, requireNamed } from '../config/configuration.ts'
import { canEditText } from '../policy/policy.ts'
import { isStaff } from '../policy/roles.ts'
import { assertThat, forbidden, invalid } from '../shared/errors.ts'
import { changeClocks } from '../sla/ticket-clocks.ts'
import { isActive } from '../workflow/workflow.ts'
import { type ChangeContext as Context, clockTicket } from './change-context.ts'
import { moveTicket } from './change-status.ts'
import { appendEvents } from './events.ts'
import type { LockedTicket } from './tickets.repo.ts'

/** The members that a PUT or PATCH may change; absent ones stay. */
export interface TicketChanges {
  title?: string
  description?: string
  status?: string
  priority?: string
  category?: string
  /** A user's id; null takes the ticket from its agent. */
  assigned_to?: number | null
  team?: string | null
}

/**
 * Applies changes to a ticket that the caller has locked and may see. Values that do not change need no
 * permission and do nothing.
 * @param why the reason that the event of a new priority keeps
 * @throws DomainError 400, 403 or 409; nothing is changed then, because the transaction ends
 */
export async function applyChanges(
  context: Context,
  ticket: LockedTicket,
  changes: TicketChanges,
  why: { reason?: string | undefined } = {},
): Promise<void> {
  // Read before anything else moves the status: a client that repeats the whole ticket asks for no change of it.
  const to = wantedStatus(context, ticket, changes)
  const agentId = changes.assigned_to === ticket.assignedTo ? undefined : changes.assigned_to
  await changeTexts(context, ticket, changes)
  await changeClassification(context, ticket, changes, why.reason)
  const give = async () => {
    if (agentId !== undefined) await reassign(context, ticket, agentId, { force: false, path: 'assigned_to' })
  }
  // What is done must be reopened before anybody can get it.
  if (isActive(ticket.statusClass)) await give()
  if (to !== undefined && to.id !== ticket.statusId) await moveTicket(context, ticket, to)
  if (agentId !== undefined && agentId !== ticket.assignedTo) await give()
}

function wantedStatus({ configuration }: Context, ticket: LockedTicket, changes: TicketChanges) {
  if (changes.status === undefined) return undefined
  const to = requireNamed(configuration.statuses, changes.status, 'status')
  return to.id === ticket.statusId ? undefined : to
}

async function changeTexts(
  { tx, actor, configuration, now }: Context,
  ticket: LockedTicket,
  changes: TicketChanges,
): Promise<void> {
  for (const member of ['title', 'description'] as const) {
    const value = changes[member]
    if (value === undefined || value === ticket[member]) continue
    const isUntouched = (['new', 'open'] as const).some(
      (each) => firstOfClass(configuration, each).id === ticket.statusId,
    )
    assertThat(
      canEditText(actor, ticket, isUntouched),
      forbidden(`You may not change the ${member} of this ticket`),
    )
    await tx
      .update(tickets)
      .set({ [member]: value })
      .where(eq(tickets.id, ticket.id))
    const data = member === 'title' ? { from: ticket.title, to: value } : {}
    await appendEvents(tx, [
      { ticketId: ticket.id, type: `${member}_changed`, actorId: actor.id, at: now, data },
    ])
    ticket[member] = value
  }
}

async function changeClassification(
  context: Context,
  ticket: LockedTicket,
  changes: TicketChanges,
  reason: string | undefined,
): Promise<void> {
  const { tx, actor, configuration, now } = context
  const before = { priorityId: ticket.priorityId, categoryId: ticket.categoryId, teamId: ticket.teamId }
  const after = { ...before }
  if (changes.priority !== undefined)
    after.priorityId = requireNamed(configuration.priorities, changes.priority, 'priority').id
  if (changes.category !== undefined) {
    const category = requireNamed(configuration.categories, changes.category, 'category')
    after.categoryId = category.id
    if (category.id !== before.categoryId) after.teamId = teamOf(configuration, category, before)
  }
  // A client that repeats the whole ticket names the team that it had, which is no wish.
  const team = changes.team === undefined ? before.teamId : teamId(configuration, changes.team)
  if (team !== before.teamId) after.teamId = team
  const changed = (['priorityId', 'categoryId', 'teamId'] as const).filter(
    (key) => after[key] !== before[key],
  )
  if (changed.length === 0) return
  assertThat(isStaff(actor.role), forbidden('Only staff change the priority, category and team of a ticket'))
  await tx
    .update(tickets)
    // Another team may have somebody free: the reason to wait is no longer known.
    .set({ ...after, ...(changed.includes('teamId') ? { waitingReason: null } : {}) })
    .where(eq(tickets.id, ticket.id))
  const names = {
    priorityId: ['priority_changed', configuration.priorities],
    categoryId: ['category_changed', configuration.categories],
    teamId: ['team_changed', configuration.teams],
  } as const
  await appendEvents(
    tx,
    changed.map((key) => {
      const [type, rows] = names[key]
      const nameOf = (id: number | null) => rows.find((row) => row.id === id)?.name ?? null
      return {
        ticketId: ticket.id,
        type,
        actorId: actor.id,
        at: now,
        data: {
          from: nameOf(before[key]),
          to: nameOf(after[key]),
          ...(key === 'priorityId' && reason !== undefined ? { reason } : {}),
        },
      }
    }),
  )
  Object.assign(ticket, after)
  if (ticket.assignedTo === null && isActive(ticket.statusClass)) {
    await emit(tx, 'ticket.assign', { ticket_id: ticket.id })
  }
  await changeClocks(
    tx,
    configuration,
    clockTicket(configuration, ticket),
    { kind: 'classified', before },
    now,
  )
}

/** The team of a ticket's new category. Where that has none, a team that came with the former category goes with it. */
function teamOf(
  configuration: Configuration,
  category: CategoryRow,
  before: { categoryId: number; teamId: number | null },
): number | null {
  const former = configuration.categories.find((each) => each.id === before.categoryId)
  return category.teamId ?? (former?.teamId === before.teamId ? null : before.teamId)
}

function teamId(configuration: Configuration, name: string | null): number | null {
  if (name === null) return null
  const team = configuration.teams.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (team === undefined) throw invalid('team', 'is not the name of a team')
  return team.id
}
