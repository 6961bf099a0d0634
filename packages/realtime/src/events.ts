/**
 * What the server sends over Socket.IO, by name (contract.md, Realtime). `seq` is an event's number in its ticket's
 * log, gapless in the numbering of who gets it: a client that sees a gap, or comes back, joins the ticket again with
 * the last `seq` it has (`after_seq`) and gets what it missed.
 *
 * Events without `seq` are about now and are not replayed. {@link Copied} marks those that are sent beside the log too:
 * to staff who have not joined the ticket, or in other words than its numbered event; these carry no `seq`, so that nobody
 * takes them for a part of a log that they follow.
 */
export interface ServerEvents {
  connected: { status: 'Connected'; user_id: number; timestamp: string }
  /** Everybody who is online, by id. */
  presence_status: Record<string, 'online'>
  presence_update: { user_id: number; status: 'online' | 'offline'; timestamp: string }
  /** `seq` is the ticket's newest event: what was missed up to it follows. */
  joined_ticket: { ticket_id: string; seq: number; timestamp: string }
  /** Also sent when access was lost; `reason` says so then. */
  left_ticket: { ticket_id: string; timestamp: string; reason?: string }
  user_joined_ticket: { user_id: number; user_name: string; ticket_id: string; timestamp: string }
  user_left_ticket: { user_id: number; user_name: string; ticket_id: string; timestamp: string }
  /** Who looks at the ticket now, each person once however many tabs they have. */
  ticket_viewers: { ticket_id: string; users: { id: number; name: string }[] }
  user_typing: { ticket_id: string; user_id: number; user_name: string; typing: boolean; timestamp: string }
  new_ticket: Copied & {
    ticket_id: string
    title: string
    priority: string
    category: string
    status: string
    created_by: number
    created_by_name: string
    timestamp: string
  }
  new_message: {
    id: number
    ticket_id: string
    sender_id: number
    sender_name: string
    sender_role: string
    message: string
    is_internal: boolean
    reply_to: number | null
    image_url?: string
    timestamp: string
    seq: number
  }
  /**
   * Without `seq` beside `ticket_assigned`, which has the number: one entry of the log is one numbered event, and who
   * takes updates from here alone hears of the new agent too.
   */
  ticket_updated: Copied & {
    ticket_id: string
    updates: Record<string, unknown>
    updated_by: number | null
    updated_by_name: string
    timestamp: string
  }
  ticket_status_changed: {
    ticket_id: string
    new_status: string
    changed_by: number | null
    timestamp: string
  }
  ticket_assigned: Copied & {
    ticket_id: string
    assigned_to: number
    assigned_agent_name: string
    assigned_by: number | null
    /** Why, for staff. */
    reason?: string
    timestamp: string
  }
  file_uploaded: {
    ticket_id: string
    file_id: string
    filename: string
    uploaded_by: number
    file_size_mb: number
    category: string
    timestamp: string
    seq: number
  }
  /** Its scan or its thumbnail is done. */
  file_updated: {
    ticket_id: string
    file_id: string
    filename: string
    status: string
    thumbnail_url: string | null
    timestamp: string
    seq: number
  }
  file_deleted: {
    ticket_id: string
    file_id: string
    filename: string
    deleted_by: number | null
    timestamp: string
    seq: number
  }
  sla_warning: Copied & SlaEvent
  sla_breach: Copied & SlaEvent
  /** Again, with the same id, when one that is unread has come to stand for one more. */
  new_alert: {
    id: number
    title: string
    message: string
    alert_type: string
    is_read: boolean
    created_at: string
    ticket_id: string | null
  }
  /** How far an export is that one asked for: at its beginning, about once a second, and at its end. */
  export_progress: {
    id: string
    status: string
    /** 0 to 100. */
    progress: number
    rows: number | null
    reason: string | null
    expires_at: string | null
    download_url: string | null
    timestamp: string
  }
  /**
   * Staff were not told of everything that happened to tickets: so much (`skipped`) at once, or something (null) while
   * the connection was lost. Lists are to be read again.
   */
  lists_changed: { skipped: number | null; timestamp: string }
  /** A request without an acknowledgement was refused, or the session ended. */
  error: { code: string; message: string }
}

/** As an entry of a joined ticket's log it has its number; what is sent beside has none. */
interface Copied {
  seq?: number
}

interface SlaEvent {
  ticket_id: string
  metric: string
  due_at: string
  timestamp: string
}

export type ServerEventName = keyof ServerEvents

/** An event's name with its payload. */
export type ServerEvent = {
  [K in ServerEventName]: { event: K; payload: ServerEvents[K] }
}[ServerEventName]

/** The same as Socket.IO's types want it: `Socket<ServerToClientEvents, ClientToServerEvents>`. */
export type ServerToClientEvents = { [K in ServerEventName]: (payload: ServerEvents[K]) => void }
