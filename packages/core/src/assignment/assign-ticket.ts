import type { ConfigurationCache } from '../config/configuration.ts'
import { isStaff, isSupervisor } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { assertThat, forbidden } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { checkVersion, type IfMatch, lockForChange } from '../tickets/lock-for-change.ts'
import { assignOne } from './assign-one.ts'
import { takeAssignmentLock } from './lock.ts'
import { assertAssignable, reassign } from './reassign.ts'

/** Whom to give a ticket: somebody, whomever the engine chooses, or nobody, so that it waits. */
export type Assignee = number | 'auto' | null

export interface AssignOptions {
  /** Over the cap too; for supervisors and admins. */
  force?: boolean | undefined
  /** The versions that the client would change. */
  ifMatch?: IfMatch
}

/**
 * Assigns a ticket, unassigns it, or lets the engine choose at once. Giving it to the agent who has it changes nothing.
 * @returns who had it before
 * @throws DomainError 400 naming `agent_id`, 403, 404, 409 for a ticket that is done or deleted or an
 * agent at the cap, 412
 */
export async function assignTicket(
  deps: ServiceDeps & { configuration: ConfigurationCache },
  actor: Actor,
  id: number,
  assignee: Assignee,
  { force = false, ifMatch }: AssignOptions,
): Promise<number | null> {
  assertThat(isStaff(actor.role), forbidden('Only staff assign tickets'))
  assertThat(!force || isSupervisor(actor.role), forbidden('Only supervisors and admins assign by force'))
  const configuration = await deps.configuration.get()
  return transact(deps, async (tx) => {
    await takeAssignmentLock(tx)
    const ticket = await lockForChange(tx, actor, id)
    checkVersion(ticket, ifMatch)
    const context = { tx, actor, configuration, now: deps.clock.now() }
    const previous = ticket.assignedTo
    assertAssignable(context, ticket)
    if (assignee === 'auto') await assignOne(context, ticket)
    else if (assignee !== previous) await reassign(context, ticket, assignee, { force, path: 'agent_id' })
    return previous
  })
}
