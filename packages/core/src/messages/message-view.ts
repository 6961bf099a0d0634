import { ticketRef } from '../tickets/ticket-id.ts'

/** A message with its sender, as queries here return it. */
export interface MessageRow extends Record<string, unknown> {
  id: number
  ticket_id: number
  sender_id: number
  sender_name: string
  sender_role: string
  body: string
  is_internal: boolean
  reply_to: number | null
  image_url: string | null
  created_at: string
  updated_at: string
}

const iso = (text: string) => new Date(text).toISOString()

/** A message as `/messages` shows it. */
export function messageView(row: MessageRow) {
  return {
    id: row.id,
    ticket_id: ticketRef(row.ticket_id),
    sender_id: row.sender_id,
    sender_name: row.sender_name,
    sender_role: row.sender_role,
    message: row.body,
    is_internal: row.is_internal,
    reply_to: row.reply_to,
    timestamp: iso(row.created_at),
    type: 'message' as const,
    ...(row.image_url === null ? {} : { image_url: row.image_url }),
  }
}

/** The same row as `/tickets/{id}/comments` shows it. */
export function commentView(row: MessageRow) {
  return {
    id: row.id,
    ticket_id: row.ticket_id,
    user_id: row.sender_id,
    user: { id: row.sender_id, name: row.sender_name, role: row.sender_role },
    content: row.body,
    is_internal: row.is_internal,
    reply_to: row.reply_to,
    created_at: iso(row.created_at),
    updated_at: iso(row.updated_at),
  }
}

export type MessageView = ReturnType<typeof messageView>
export type CommentView = ReturnType<typeof commentView>
