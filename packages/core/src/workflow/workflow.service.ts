import {
  type Configuration,
  type ConfigurationCache,
  findNamed,
  type StatusRow,
} from '../config/configuration.ts'
import { ROLE_NAMES, type RoleName } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { notFound } from '../shared/errors.ts'
import { allowedTransitions, isActive } from './workflow.ts'

/** A status as clients draw it. */
function statusView(row: StatusRow) {
  return {
    name: row.name,
    description: row.description,
    color: row.color,
    order: row.position,
    /** Somebody still has to do something about it. */
    is_open: isActive(row.class),
    class: row.class,
  }
}

function rolePermissions(configuration: Configuration, role: RoleName) {
  const moves = configuration.statuses.flatMap((from) =>
    allowedTransitions(configuration, from, role).map((to) => ({ from, to })),
  )
  const reached = new Set(moves.map(({ to }) => to.id))
  return {
    can_create: true,
    /** The statuses that the role may move tickets to. */
    can_update: configuration.statuses.filter((row) => reached.has(row.id)).map((row) => row.name),
    can_close: moves.some(({ to }) => to.class === 'closed'),
    can_reopen: moves.some(({ from, to }) => !isActive(from.class) && isActive(to.class)),
  }
}

/** What clients need to know of the workflow to offer only what will be accepted. */
export function createWorkflowService(deps: { configuration: ConfigurationCache }) {
  return {
    /** All statuses in the desk's order, where each leads to, and what each role may do. */
    async workflow() {
      const configuration = await deps.configuration.get()
      const { statuses, transitions } = configuration
      const targetsOf = (from: StatusRow) =>
        statuses
          .filter((to) =>
            transitions.some((each) => each.fromStatusId === from.id && each.toStatusId === to.id),
          )
          .map((to) => to.name)
      return {
        statuses: statuses.map(statusView),
        transitions: Object.fromEntries(statuses.map((from) => [from.name, targetsOf(from)])),
        role_permissions: Object.fromEntries(
          ROLE_NAMES.map((role) => [role, rolePermissions(configuration, role)]),
        ),
      }
    },

    /**
     * Where the caller's role may move a ticket that is in the status named (in any case, or by its slug). Requesters
     * do so with their own tickets only.
     * @throws DomainError 404
     */
    async allowedFrom(actor: Actor, name: string) {
      const configuration = await deps.configuration.get()
      const current = findNamed(configuration.statuses, name)
      if (current === undefined) throw notFound('Status')
      return {
        current_status: current.name,
        allowed_transitions: allowedTransitions(configuration, current, actor.role).map((row) => row.name),
        statuses: configuration.statuses.map(statusView),
      }
    },
  }
}

export type WorkflowService = ReturnType<typeof createWorkflowService>
