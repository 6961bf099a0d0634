export const ROLE_NAMES = ['Normal User', 'Technical User', 'Technical Supervisor', 'System Admin'] as const
export type RoleName = (typeof ROLE_NAMES)[number]

/** Other words that clients send for a role, without case, spaces and underscores. */
const ALIASES: Record<string, RoleName> = {
  normaluser: 'Normal User',
  customer: 'Normal User',
  technicaluser: 'Technical User',
  agent: 'Technical User',
  technicalsupervisor: 'Technical Supervisor',
  supervisor: 'Technical Supervisor',
  systemadmin: 'System Admin',
  admin: 'System Admin',
}

/** Reads a role in any case, as a slug or by its short name; undefined for what is no role. */
export function parseRole(text: string): RoleName | undefined {
  const key = text.toLowerCase().replace(/[\s_-]+/g, '')
  // `constructor` is no role, although every object has one.
  return Object.hasOwn(ALIASES, key) ? ALIASES[key] : undefined
}

/** Everybody who works for the desk. */
export function isStaff(role: RoleName): boolean {
  return role !== 'Normal User'
}

/** Roles that tickets are assigned to. */
export function isAgentRole(role: RoleName): boolean {
  return role === 'Technical User' || role === 'Technical Supervisor'
}

export function isSupervisor(role: RoleName): boolean {
  return role === 'Technical Supervisor' || role === 'System Admin'
}

export function isAdmin(role: RoleName): boolean {
  return role === 'System Admin'
}
