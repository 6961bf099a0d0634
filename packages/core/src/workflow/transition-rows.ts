import { type StatusClass, type Tx, transitionRoles, transitions } from '@servicedesk/db'
import { type Configuration, requireNamed } from '../config/configuration.ts'
import { isStaff, parseRole, ROLE_NAMES, type RoleName } from '../policy/roles.ts'
import { invalid } from '../shared/errors.ts'

/** Which transitions a new status begins with; what is not given is taken from a status like it. */
export interface StatusLinks {
  /** Names of the statuses that lead to it. */
  from?: readonly string[] | undefined
  /** Names of the statuses that it leads to. */
  to?: readonly string[] | undefined
  /** Who may take them; staff, where they are named and this is not given. */
  roles?: readonly string[] | undefined
}

/** A transition between a new status and another. */
export interface Link {
  otherId: number
  leadsHere: boolean
  roles: readonly RoleName[]
}

const STAFF = ROLE_NAMES.filter(isStaff)

/** @throws DomainError 400 naming `from.0`, `to.0` or `roles.0` */
export function firstTransitions(
  current: Configuration,
  statusClass: StatusClass,
  links: StatusLinks,
): Link[] {
  const roles = links.roles === undefined ? undefined : parseRoles(links.roles)
  const named = (names: readonly string[], member: 'from' | 'to') =>
    new Set(names.map((name, n) => requireNamed(current.statuses, name, `${member}.${n}`).id))
  const linksTo = (ids: Iterable<number>, leadsHere: boolean): Link[] =>
    [...ids].map((otherId) => ({ otherId, leadsHere, roles: roles ?? STAFF }))
  const like = linksOfLike(current, statusClass).map((link) => ({ ...link, roles: roles ?? link.roles }))
  return [
    ...(links.from === undefined
      ? like.filter((link) => link.leadsHere)
      : linksTo(named(links.from, 'from'), true)),
    ...(links.to === undefined
      ? like.filter((link) => !link.leadsHere)
      : linksTo(named(links.to, 'to'), false)),
  ]
}

/** The transitions of the first status of a class (of class open where it has none), and those to and from itself. */
function linksOfLike({ statuses, transitions: rows }: Configuration, statusClass: StatusClass): Link[] {
  const like =
    statuses.find((status) => status.class === statusClass) ??
    statuses.find((status) => status.class === 'open')
  if (like === undefined) return []
  return [
    { otherId: like.id, leadsHere: true, roles: STAFF },
    { otherId: like.id, leadsHere: false, roles: STAFF },
    ...rows
      .filter((row) => row.toStatusId === like.id)
      .map((row) => ({ otherId: row.fromStatusId, leadsHere: true, roles: row.roles })),
    ...rows
      .filter((row) => row.fromStatusId === like.id)
      .map((row) => ({ otherId: row.toStatusId, leadsHere: false, roles: row.roles })),
  ]
}

/** Reads roles in any of their spellings, each once. @throws DomainError 400 naming `roles.0` */
export function parseRoles(names: readonly string[]): RoleName[] {
  const roles = names.map((name, n) => {
    const role = parseRole(name)
    if (role === undefined) throw invalid(`roles.${n}`, `must be one of ${ROLE_NAMES.join(', ')}`)
    return role
  })
  if (roles.length === 0) throw invalid('roles', 'must name at least one role')
  return ROLE_NAMES.filter((role) => roles.includes(role))
}

/** @returns its id */
export async function insertTransition(
  tx: Tx,
  fromStatusId: number,
  toStatusId: number,
  roles: readonly RoleName[],
): Promise<number> {
  const [row] = await tx
    .insert(transitions)
    .values({ fromStatusId, toStatusId })
    .returning({ id: transitions.id })
  if (row === undefined) throw new Error('the transition was not inserted')
  await tx.insert(transitionRoles).values(roles.map((role) => ({ transitionId: row.id, role })))
  return row.id
}
