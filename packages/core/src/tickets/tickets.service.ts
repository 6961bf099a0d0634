import type { Tx } from '@servicedesk/db'
import { noteEmitted } from '@servicedesk/jobs/emit'
import { takeAssignmentLock } from '../assignment/lock.ts'
import { businessTimes } from '../calendars/business-times.ts'
import { type Configuration, type ConfigurationCache, findNamed } from '../config/configuration.ts'
import type { StoredFile } from '../files/stored-file.ts'
import { canSeeTicket } from '../policy/policy.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, DomainError, notFound } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { AROUND_THE_CLOCK } from '../sla/clock.ts'
import { isActive } from '../workflow/workflow.ts'
import { createTicket, type NewTicket } from './create-ticket.ts'
import { createTicketLister, type TicketPage } from './list.ts'
import { type ListQuery, resolveListQuery } from './resolve-list-query.ts'
import { type ClockDetail, clockDetail, type TicketView, ticketView } from './ticket-view.ts'
import { factsOf, findTicket, lockTicket } from './tickets.repo.ts'
import { applyChanges, type TicketChanges } from './update-ticket.ts'

export type TicketDetail = TicketView<ClockDetail>

/** Tickets, from the report to the end. */
export function createTicketService(deps: ServiceDeps & { configuration: ConfigurationCache }) {
  const { db, clock, configuration } = deps
  const listTickets = createTicketLister(deps)

  async function get(actor: Actor, id: number): Promise<TicketDetail> {
    const row = await findTicket(db, id, actor.id)
    if (row === undefined || !canSeeTicket(actor, factsOf(row))) throw notFound('Ticket')
    const versions = (row.clocks ?? []).map((each) => each.calendar_version_id)
    const timeOf = await businessTimes(db, await configuration.get(), versions)
    const now = clock.now()
    return ticketView(row, (each) => clockDetail(each, now, timeOf))
  }

  return {
    get,

    /** Creates a ticket; inside `outer` when its answer is to be stored with it. */
    async create(
      actor: Actor,
      input: NewTicket,
      files: readonly StoredFile[] = [],
      outer?: Tx,
    ): Promise<TicketDetail> {
      const now = clock.now()
      const { row, owed } = await createTicket(outer ?? db, configuration, actor, input, files, now)
      if (outer === undefined) deps.dispatch(owed)
      else noteEmitted(outer, owed)
      // Nothing has passed on a clock that starts now, whatever counts it.
      return ticketView(row, (each) => clockDetail(each, now, () => AROUND_THE_CLOCK))
    },

    /** @throws DomainError 400 for a name that is not configured, a page out of reach, a foreign cursor */
    async list(actor: Actor, query: ListQuery): Promise<TicketPage> {
      return listTickets(await resolveListQuery(configuration, actor, query))
    },

    /**
     * Changes a ticket; `ifMatch` has the versions that the client would change.
     * @throws DomainError 404, 412 for a stale version, and what the change itself refuses
     */
    async update(
      actor: Actor,
      id: number,
      changes: TicketChanges,
      ifMatch?: readonly number[],
    ): Promise<TicketDetail> {
      const current = await configuration.get()
      await transact(deps, async (tx) => {
        if (mayGive(current, changes)) await takeAssignmentLock(tx)
        const ticket = await lockTicket(tx, id, actor.id)
        assertThat(ticket !== undefined && canSeeTicket(actor, ticket), notFound('Ticket'))
        if (ifMatch !== undefined && !ifMatch.includes(ticket.version)) {
          throw new DomainError('stale', 'stale_version', `The ticket is at version ${ticket.version} by now`)
        }
        await applyChanges({ tx, actor, configuration: current, now: clock.now() }, ticket, changes)
      })
      return get(actor, id)
    },
  }
}

/** Whether the change can give a ticket to somebody: by name, or by reopening it for its former agent. */
function mayGive(configuration: Configuration, changes: TicketChanges): boolean {
  if (changes.assigned_to !== undefined) return true
  const to = changes.status === undefined ? undefined : findNamed(configuration.statuses, changes.status)
  return to !== undefined && isActive(to.class)
}

export type TicketService = ReturnType<typeof createTicketService>
