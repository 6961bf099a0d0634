import type { users } from '@servicedesk/db'
import { invalid } from '../shared/errors.ts'

/** A name as clients send it: whole, or in two parts. */
export interface PersonName {
  name?: string | undefined
  first_name?: string | undefined
  last_name?: string | undefined
}

/**
 * Makes all three names of either form; a whole name is split at its last space.
 * @throws DomainError 400 when neither is given
 */
export function splitName(input: PersonName): { name: string; firstName: string; lastName: string } {
  const given = [input.first_name, input.last_name].map((part) => part?.trim() ?? '')
  const whole = (input.name ?? given.join(' ')).replace(/\s+/g, ' ').trim()
  if (whole === '') throw invalid('name', 'is required, or first_name and last_name')
  const cut = whole.lastIndexOf(' ')
  return {
    name: whole,
    firstName: given[0] || (cut < 0 ? whole : whole.slice(0, cut)),
    lastName: given[1] || (cut < 0 ? '' : whole.slice(cut + 1)),
  }
}

/** What assignment knows of an agent, as the API shows it. */
export interface AgentView {
  team: string | null
  skills: { category: string; level: number }[]
  max_tickets: number
  is_available: boolean
  out_of_office: { from: string; to: string | null } | null
  active_tickets: number
}

/** A user as the API shows them; never the password hash. */
export function userView(row: typeof users.$inferSelect) {
  return {
    id: row.id,
    name: row.name,
    first_name: row.firstName,
    last_name: row.lastName,
    email: row.email,
    role: row.role,
    is_active: row.isActive,
    is_verified: row.isVerified,
    created_at: row.createdAt.toISOString(),
    last_login_at: row.lastLoginAt?.toISOString() ?? null,
  }
}

export type UserView = ReturnType<typeof userView> & Partial<AgentView>
