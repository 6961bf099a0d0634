import { takeAssignmentLock } from '../assignment/lock.ts'
import {
  type Configuration,
  type ConfigurationCache,
  findNamed,
  requireNamed,
} from '../config/configuration.ts'
import { type Escalation, escalateByHand } from '../escalation/escalate.ts'
import { postMessage } from '../messages/post-message.ts'
import { isAdmin } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, forbidden, notFound } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { isActive } from '../workflow/workflow.ts'
import type { ChangeContext } from './change-context.ts'
import { moveTicket } from './change-status.ts'
import { deleteTicket } from './delete-ticket.ts'
import { checkVersion, type IfMatch, lockForChange } from './lock-for-change.ts'
import { type LockedTicket, lockTicket } from './tickets.repo.ts'
import { applyChanges, type TicketChanges } from './update-ticket.ts'

/**
 * The use cases that change one ticket: each in a transaction of its own, in the order of locks that all paths keep
 * (assignment, ticket, agents), and refused for a version that is not current.
 */
export function createTicketChanger(deps: ServiceDeps & { configuration: ConfigurationCache }) {
  const { clock } = deps

  async function change(
    actor: Actor,
    id: number,
    ifMatch: IfMatch,
    needsLock: (configuration: Configuration) => boolean,
    use: (context: ChangeContext, ticket: LockedTicket) => Promise<void>,
  ): Promise<void> {
    const configuration = await deps.configuration.get()
    await transact(deps, async (tx) => {
      if (needsLock(configuration)) await takeAssignmentLock(tx)
      const ticket = await lockForChange(tx, actor, id)
      checkVersion(ticket, ifMatch)
      await use({ tx, actor, configuration, now: clock.now() }, ticket)
    })
  }

  return {
    /** @throws DomainError 400, 403, 404, 409; 412 for a stale version */
    async update(actor: Actor, id: number, changes: TicketChanges, ifMatch: IfMatch): Promise<void> {
      const needsLock = (configuration: Configuration) =>
        changes.assigned_to !== undefined || mayReopen(configuration, changes.status)
      await change(actor, id, ifMatch, needsLock, (context, ticket) => applyChanges(context, ticket, changes))
    },

    /**
     * Moves a ticket to a status; its own is no change and needs no permission. The comment, a public message, is
     * written first, as people would say why before they act; both happen or neither does.
     * @throws DomainError 400, 403, 404, 409 with `allowed_transitions`; 412
     */
    async setStatus(
      actor: Actor,
      id: number,
      { status, comment }: { status: string; comment?: string | undefined },
      ifMatch: IfMatch,
    ): Promise<void> {
      const needsLock = (configuration: Configuration) => mayReopen(configuration, status)
      await change(actor, id, ifMatch, needsLock, async (context, ticket) => {
        const { tx, configuration, now } = context
        const to = requireNamed(configuration.statuses, status, 'status')
        if (comment !== undefined)
          await postMessage(tx, configuration, actor, { ticketId: id, body: comment }, now)
        if (to.id !== ticket.statusId) await moveTicket(context, ticket, to)
      })
    },

    /** Changes the priority, for a reason that its event keeps. @throws DomainError 400, 403, 404, 409, 412 */
    async setPriority(
      actor: Actor,
      id: number,
      { priority, reason }: { priority: string; reason?: string | undefined },
      ifMatch: IfMatch,
    ): Promise<void> {
      await change(
        actor,
        id,
        ifMatch,
        () => false,
        (context, ticket) => applyChanges(context, ticket, { priority }, { reason }),
      )
    },

    /** Escalates a ticket. @throws DomainError 400, 403, 404, 409, 412 */
    async escalate(actor: Actor, id: number, wanted: Escalation, ifMatch: IfMatch): Promise<void> {
      const use = (context: ChangeContext, ticket: LockedTicket) => escalateByHand(context, ticket, wanted)
      await change(actor, id, ifMatch, () => false, use)
    },

    /**
     * Deletes a ticket softly. One that is deleted already stays as it is, whatever version is named, so that a request
     * may be repeated (RFC 9110, 13.1.1).
     * @throws DomainError 403 unless an admin asks, 404, 412
     */
    async remove(actor: Actor, id: number, ifMatch: IfMatch): Promise<void> {
      assertThat(isAdmin(actor.role), forbidden('Only admins delete tickets'))
      const configuration = await deps.configuration.get()
      await transact(deps, async (tx) => {
        await takeAssignmentLock(tx)
        const ticket = await lockTicket(tx, id, actor.id)
        assertThat(ticket !== undefined, notFound('Ticket'))
        if (ticket.isDeleted) return
        checkVersion(ticket, ifMatch)
        await deleteTicket({ tx, actor, configuration, now: clock.now() }, ticket)
      })
    },
  }
}

/** Whether this status can reopen a ticket, which gives it to somebody. */
function mayReopen(configuration: Configuration, status: string | undefined): boolean {
  const to = status === undefined ? undefined : findNamed(configuration.statuses, status)
  return to !== undefined && isActive(to.class)
}
