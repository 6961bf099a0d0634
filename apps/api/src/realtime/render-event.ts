import { type FeedEvent, megabytes, ticketRef } from '@servicedesk/core'
import type { ServerEvent, ServerEvents } from '@servicedesk/realtime'

/** Who reads: staff count every event, requesters the public ones. */
export type Reading = 'staff' | 'requester'

/**
 * The one numbered event that an entry of a ticket's log is; null for one that the reader may not see. Live events and
 * replay both come from here. A new ticket and a description are shown as they are when it is read, all else as it was.
 */
export function renderEvent(entry: FeedEvent, reading: Reading): ServerEvent | null {
  const seq = reading === 'staff' ? entry.seq : entry.public_seq
  if (seq === null) return null
  const common = {
    ticket_id: ticketRef(entry.ticket_id),
    timestamp: new Date(entry.created_at).toISOString(),
    seq,
  }
  return special(entry, common, reading) ?? updated(entry, common)
}

interface Common {
  ticket_id: string
  timestamp: string
  seq: number
}

function special(entry: FeedEvent, common: Common, reading: Reading): ServerEvent | null {
  const { type, data, ticket, message } = entry
  if (type === 'ticket_created' && ticket !== null) {
    const { description: _, ...shown } = ticket
    return { event: 'new_ticket', payload: { ...common, ...shown } }
  }
  if (type === 'message' && message !== null) {
    const { body, image_url, ...shown } = message
    const picture = image_url === null ? {} : { image_url }
    return { event: 'new_message', payload: { ...common, ...shown, message: body, ...picture } }
  }
  if (type === 'assigned') {
    const payload = {
      ...common,
      assigned_to: Number(data.to),
      assigned_agent_name: String(data.to_name),
      assigned_by: entry.actor_id,
      ...(reading === 'staff' && typeof data.reason === 'string' ? { reason: data.reason } : {}),
    }
    return { event: 'ticket_assigned', payload }
  }
  if (type === 'sla_warning' || type === 'sla_breach') {
    return { event: type, payload: { ...common, metric: String(data.metric), due_at: String(data.due_at) } }
  }
  return fileEvent(entry, common)
}

function fileEvent({ type, data, file, actor_id }: FeedEvent, common: Common): ServerEvent | null {
  if (file === null) return null
  const about = { ...common, file_id: file.id, filename: file.filename }
  switch (type) {
    case 'file_uploaded': {
      const { uploaded_by, bytes, category } = file
      return {
        event: 'file_uploaded',
        payload: { ...about, uploaded_by, file_size_mb: megabytes(bytes), category },
      }
    }
    case 'file_deleted':
      return { event: 'file_deleted', payload: { ...about, deleted_by: actor_id } }
    case 'file_updated':
    case 'file_infected':
    case 'file_scan_failed': {
      const hasThumbnail = file.status === 'ready' && file.thumbnail === 'ready'
      const thumbnail_url = hasThumbnail ? `/api/v1/files/${file.id}/thumbnail` : null
      const status = type === 'file_updated' ? String(data.status ?? file.status) : file.status
      return { event: 'file_updated', payload: { ...about, status, thumbnail_url } }
    }
    default:
      return null
  }
}

/** Whatever else changed what a ticket shows. */
function updated(entry: FeedEvent, common: Common): ServerEvent {
  return {
    event: 'ticket_updated',
    payload: {
      ...common,
      updates: updatesOf(entry),
      updated_by: entry.actor_id,
      updated_by_name: entry.actor_name ?? 'System',
    },
  }
}

function updatesOf({ type, data, ticket }: FeedEvent): Record<string, unknown> {
  switch (type) {
    case 'title_changed':
      return { title: data.to }
    case 'description_changed':
      return { description: ticket?.description }
    case 'status_changed':
      return { status: data.to }
    case 'priority_changed':
      return { priority: data.to }
    case 'category_changed':
      return { category: data.to }
    case 'team_changed':
      return { team: data.to }
    case 'unassigned':
      return { assigned_to: null, assigned_agent_name: null }
    case 'escalated':
      return { escalation_level: data.level }
    case 'ticket_deleted':
      return { deleted: true }
    case 'watcher_added':
    case 'watcher_removed':
      return { [type]: { user_id: data.user_id, user_name: data.user_name } }
    default:
      // Of a newer release, or of an entry that has lost what it was about: it keeps its number.
      return { [type]: true }
  }
}

/** That a ticket has another agent, as any update of it: of the moment, beside the numbered `ticket_assigned`. */
export function assignmentOf(entry: FeedEvent): ServerEvents['ticket_updated'] {
  return {
    ticket_id: ticketRef(entry.ticket_id),
    updates: { assigned_to: Number(entry.data.to) },
    updated_by: entry.actor_id,
    updated_by_name: entry.actor_name ?? 'System',
    timestamp: new Date(entry.created_at).toISOString(),
  }
}

/** That a ticket has another status now: of the moment, and not replayed. */
export function statusOf(entry: FeedEvent): ServerEvents['ticket_status_changed'] {
  return {
    ticket_id: ticketRef(entry.ticket_id),
    new_status: String(entry.data.to),
    changed_by: entry.actor_id,
    timestamp: new Date(entry.created_at).toISOString(),
  }
}
