import type { TicketChanges } from '@servicedesk/core'
import { toId } from '../shared/schemas.ts'

/** The members that change something; ids come as integers or decimal strings. */
export function changesOf(body: object): TicketChanges {
  const { title, description, status, priority, category, team, assigned_to } = body as TicketChanges & {
    assigned_to?: number | string | null
  }
  const assignee = assigned_to === undefined || assigned_to === null ? assigned_to : toId(assigned_to)
  const changes = { title, description, status, priority, category, team, assigned_to: assignee }
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}
