import type { StatusClass } from '@servicedesk/db'
import type { Configuration, StatusRow, TransitionRow } from '../config/configuration.ts'
import { canRequestersTake } from '../policy/policy.ts'
import { isStaff, type RoleName } from '../policy/roles.ts'

/** Classes whose assigned tickets count against an agent's cap. */
export const ACTIVE_CLASSES: readonly StatusClass[] = ['new', 'open', 'pending']

/** Assigned and of class new, open or pending. */
export function isActive(statusClass: StatusClass): boolean {
  return ACTIVE_CLASSES.includes(statusClass)
}

/** Whether a role can ever take this transition: its rows name the role, and the role's own rules do not forbid it. */
export function canTake(
  transition: TransitionRow,
  statuses: readonly Pick<StatusRow, 'id' | 'class'>[],
  role: RoleName,
): boolean {
  if (!transition.roles.includes(role)) return false
  if (isStaff(role)) return true
  const classOf = (id: number) => statuses.find((status) => status.id === id)?.class
  const [from, to] = [classOf(transition.fromStatusId), classOf(transition.toStatusId)]
  return from !== undefined && to !== undefined && canRequestersTake(from, to)
}

/** The statuses that a role may move a ticket to from `from`, in the desk's order. */
export function allowedTransitions(
  { statuses, transitions }: Pick<Configuration, 'statuses' | 'transitions'>,
  from: StatusRow,
  role: RoleName,
): StatusRow[] {
  const targets = new Set(
    transitions
      .filter((each) => each.fromStatusId === from.id && canTake(each, statuses, role))
      .map((each) => each.toStatusId),
  )
  return statuses.filter((status) => targets.has(status.id))
}
