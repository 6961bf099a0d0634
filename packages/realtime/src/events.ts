/**
 * What the server sends over Socket.IO, by name (contract.md, Realtime). Emitting happens after the commit and
 * is a hint: the ticket's event log is the truth, and `seq` is its number there, in the receiver's numbering.
 */
export interface ServerEvents {
  new_ticket: { ticket_id: string; title: string; priority: string; timestamp: string }
  new_message: {
    id: number
    ticket_id: string
    sender_id: number
    sender_name: string
    sender_role: string
    message: string
    is_internal: boolean
    timestamp: string
    seq: number
  }
  ticket_updated: {
    ticket_id: string
    updates: Record<string, unknown>
    updated_by: number | null
    updated_by_name: string
    timestamp: string
    seq: number
  }
  ticket_status_changed: {
    ticket_id: string
    new_status: string
    changed_by: number | null
    timestamp: string
  }
  ticket_assigned: {
    ticket_id: string
    assigned_to: number
    assigned_agent_name: string
    timestamp: string
    seq: number
  }
  file_uploaded: {
    ticket_id: string
    file_id: string
    filename: string
    uploaded_by: number
    file_size_mb: number
    category: string
    seq: number
  }
  file_deleted: { ticket_id: string; file_id: string; seq: number }
  sla_warning: { ticket_id: string; metric: string; due_at: string; seq: number }
  sla_breach: { ticket_id: string; metric: string; due_at: string; seq: number }
  new_alert: {
    id: number
    title: string
    message: string
    alert_type: string
    is_read: boolean
    created_at: string
    ticket_id: string | null
  }
}

export type ServerEventName = keyof ServerEvents

/** One event and who is to get it; a requester's copy of a numbered event has another `seq` than staff's. */
export type Emission = {
  [K in ServerEventName]: { room: string; event: K; payload: ServerEvents[K] }
}[ServerEventName]

/** What hands emissions to sockets on every node; failing to is logged and never fails a use case. */
export interface Emitter {
  emit(emissions: readonly Emission[]): void
}
