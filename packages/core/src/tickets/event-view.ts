import type { TicketEventType } from './events.ts'

/** A row of a ticket's log with its actor's name. */
export interface EventRow extends Record<string, unknown> {
  /** As the caller numbers the log: requesters must not see from a gap that a note was written. */
  seq: number
  type: string
  actor_id: number | null
  actor_name: string | null
  data: Record<string, unknown>
  message_id: number | null
  attachment_id: string | null
  created_at: string
}

/** What requesters read of an event's data. The rest is for staff: why an agent was chosen tells of others' load. */
const PUBLIC_MEMBERS = {
  ticket_created: [],
  file_uploaded: ['filename', 'bytes'],
  file_updated: ['filename', 'status', 'thumbnail'],
  file_deleted: ['filename'],
  file_infected: ['filename', 'signature'],
  file_scan_failed: ['filename', 'reason'],
  message: [],
  title_changed: ['from', 'to'],
  description_changed: [],
  status_changed: ['from', 'to'],
  priority_changed: ['from', 'to', 'reason'],
  category_changed: ['from', 'to'],
  team_changed: ['from', 'to'],
  assigned: ['to', 'to_name'],
  unassigned: ['from'],
  watcher_added: ['user_id', 'user_name'],
  watcher_removed: ['user_id', 'user_name'],
  // Internal as a whole.
  escalated: [],
  sla_warning: [],
  sla_breach: [],
  mail_sent: [],
  ticket_deleted: [],
} as const satisfies Record<TicketEventType, readonly string[]>

/** The part of an event's data that its reader may see; of unknown types (a newer release wrote them) staff's only. */
export function visibleData(
  type: string,
  data: Record<string, unknown>,
  reader: { isStaff: boolean },
): Record<string, unknown> {
  if (reader.isStaff) return data
  const shown: readonly string[] = Object.hasOwn(PUBLIC_MEMBERS, type)
    ? PUBLIC_MEMBERS[type as TicketEventType]
    : []
  return Object.fromEntries(Object.entries(data).filter(([member]) => shown.includes(member)))
}

/** Whether people want to read of it; the rest is for clients, to keep what they show up to date. */
export function isForPeople(event: Pick<EventRow, 'type'>): boolean {
  return event.type !== 'file_updated'
}
