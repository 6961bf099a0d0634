import { type Executor, noteChanges, type Tx } from '@servicedesk/db'
import { noteEmitted } from '@servicedesk/jobs/emit'
import { businessTimes } from '../calendars/business-times.ts'
import type { ConfigurationCache } from '../config/configuration.ts'
import type { Escalation } from '../escalation/escalate.ts'
import { type FileRules, takeQuota } from '../files/quota.ts'
import type { StoredFile } from '../files/stored-file.ts'
import { canSeeTicket } from '../policy/policy.ts'
import type { Actor } from '../shared/actor.ts'
import { notFound } from '../shared/errors.ts'
import type { ListDeps } from '../shared/page.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { AROUND_THE_CLOCK } from '../sla/clock.ts'
import { createTicketChanger } from './change-ticket.ts'
import { createTicket, type NewTicket } from './create-ticket.ts'
import { createTicketLister, type TicketPage } from './list.ts'
import { type ListQuery, resolveListQuery } from './resolve-list-query.ts'
import { type TicketStats, ticketStats } from './ticket-stats.ts'
import { type ClockDetail, shownTicket, type TicketView } from './ticket-view.ts'
import { factsOf, findTicket } from './tickets.repo.ts'
import type { TicketChanges } from './update-ticket.ts'

export type TicketDetail = TicketView<ClockDetail>

/** Tickets, from the report to the end. */
export function createTicketService(
  deps: ServiceDeps & ListDeps & { configuration: ConfigurationCache; files: FileRules },
) {
  const { db, clock, configuration } = deps
  const listTickets = createTicketLister(deps)
  const changer = createTicketChanger(deps)

  async function get(actor: Actor, id: number): Promise<TicketDetail> {
    const row = await findTicket(db, id, actor.id)
    if (row === undefined || !canSeeTicket(actor, factsOf(row))) throw notFound('Ticket')
    const versions = (row.clocks ?? []).map((each) => each.calendar_version_id)
    const timeOf = await businessTimes(db, await configuration.get(), versions)
    const now = clock.now()
    return shownTicket(row, now, timeOf)
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
      const create = (within: Executor) =>
        createTicket(within, configuration, actor, input, files, now, deps.files)
      const createCounted = async (tx: Tx) => {
        await takeQuota(tx, deps.files, actor.id, files)
        const made = await create(tx)
        noteEmitted(tx, made.owed)
        noteChanges(tx, made.changes)
        return made
      }
      // Without files it is one statement, and needs no transaction around it.
      const isPlain = outer === undefined && files.length === 0
      const { row, owed, changes } = isPlain ? await create(db) : await transact(deps, createCounted, outer)
      if (isPlain) {
        deps.dispatch(owed)
        deps.publish?.(changes)
      }
      // Nothing has passed on a clock that starts now, whatever counts it.
      return shownTicket(row, now, () => AROUND_THE_CLOCK)
    },

    /** @throws DomainError 400 for a name that is not configured, a page out of reach, a foreign cursor */
    async list(actor: Actor, query: ListQuery): Promise<TicketPage> {
      return listTickets(await resolveListQuery(configuration, actor, query))
    },

    /** How many tickets the actor sees, and how they stand. */
    stats: (actor: Actor): Promise<TicketStats> => ticketStats(db, actor),

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
      await changer.update(actor, id, changes, ifMatch)
      return get(actor, id)
    },

    /** Moves a ticket to another status, with a public comment if one is given. @throws DomainError as `update` */
    async setStatus(
      actor: Actor,
      id: number,
      wanted: { status: string; comment?: string | undefined },
      ifMatch?: readonly number[],
    ): Promise<TicketDetail> {
      await changer.setStatus(actor, id, wanted, ifMatch)
      return get(actor, id)
    },

    /** Changes a ticket's priority, with a reason for its log if one is given. @throws DomainError as `update` */
    async setPriority(
      actor: Actor,
      id: number,
      wanted: { priority: string; reason?: string | undefined },
      ifMatch?: readonly number[],
    ): Promise<TicketDetail> {
      await changer.setPriority(actor, id, wanted, ifMatch)
      return get(actor, id)
    },

    /** Escalates a ticket, for a reason, to somebody or along the chain. @throws DomainError as `update` */
    async escalate(
      actor: Actor,
      id: number,
      wanted: Escalation,
      ifMatch?: readonly number[],
    ): Promise<TicketDetail> {
      await changer.escalate(actor, id, wanted, ifMatch)
      return get(actor, id)
    },

    /** Deletes a ticket softly; again is no error. @throws DomainError 403, 404, 412 */
    remove: changer.remove,
  }
}

export type TicketService = ReturnType<typeof createTicketService>
