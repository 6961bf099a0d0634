import type { StatusClass } from '@servicedesk/db'
import type { Configuration, StatusRow } from '../config/configuration.ts'
import type { RoleName } from '../policy/roles.ts'

/** Classes whose assigned tickets count against an agent's cap. */
export const ACTIVE_CLASSES: readonly StatusClass[] = ['new', 'open', 'pending']

/** Assigned and of class new, open or pending. */
export function isActive(statusClass: StatusClass): boolean {
  return ACTIVE_CLASSES.includes(statusClass)
}

/** The statuses that a role may move a ticket to from `from`, in the desk's order. */
export function allowedTransitions(
  configuration: Configuration,
  from: StatusRow,
  role: RoleName,
): StatusRow[] {
  const targets = new Set(
    configuration.transitions
      .filter((each) => each.fromStatusId === from.id && each.roles.includes(role))
      .map((each) => each.toStatusId),
  )
  return configuration.statuses.filter((status) => targets.has(status.id))
}
