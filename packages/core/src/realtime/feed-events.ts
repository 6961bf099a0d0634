import { type Database, defineStatement } from '@servicedesk/db'
import { sql } from 'drizzle-orm'

/** An event of a ticket's log with what has to be said of it; instants are the driver's text. */
export interface FeedEvent extends Record<string, unknown> {
  ticket_id: number
  seq: number
  /** Null for what only staff may see. */
  public_seq: number | null
  type: string
  actor_id: number | null
  actor_name: string | null
  data: Record<string, unknown>
  created_at: string
  /** Of events that say how a ticket is as a whole. */
  ticket: {
    title: string
    description: string
    priority: string
    category: string
    status: string
    created_by: number
    created_by_name: string
  } | null
  message: {
    id: number
    sender_id: number
    sender_name: string
    sender_role: string
    body: string
    is_internal: boolean
    reply_to: number | null
    image_url: string | null
  } | null
  file: {
    id: string
    filename: string
    bytes: number
    category: string
    uploaded_by: number
    status: string
    thumbnail: string
  } | null
}

/** Those whose payload shows more of the ticket than the event's own data. */
const ABOUT_THE_TICKET = `('ticket_created', 'description_changed')`

const columns =
  sql.raw(`e.ticket_id, e.seq, e.public_seq, e.type, e.actor_id, actor.name AS actor_name, e.data, e.created_at,
  (SELECT json_build_object('title', t.title, 'description', CASE e.type WHEN 'description_changed' THEN t.description END,
      'priority', p.name, 'category', c.name, 'status', s.name, 'created_by', t.created_by, 'created_by_name', u.name)
    FROM tickets t JOIN priorities p ON p.id = t.priority_id JOIN categories c ON c.id = t.category_id
    JOIN statuses s ON s.id = t.status_id JOIN users u ON u.id = t.created_by
    WHERE t.id = e.ticket_id AND e.type IN ${ABOUT_THE_TICKET}) AS ticket,
  (SELECT json_build_object('id', m.id, 'sender_id', m.sender_id, 'sender_name', u.name, 'sender_role', u.role,
      'body', m.body, 'is_internal', m.is_internal, 'reply_to', m.reply_to, 'image_url', m.image_url)
    FROM messages m JOIN users u ON u.id = m.sender_id WHERE m.id = e.message_id AND e.type = 'message') AS message,
  (SELECT json_build_object('id', a.id, 'filename', a.filename, 'bytes', a.bytes, 'category', a.category,
      'uploaded_by', a.uploaded_by, 'status', a.status, 'thumbnail', a.thumbnail)
    FROM attachments a WHERE a.id = e.attachment_id) AS file`)

const behind = defineStatement<{ ticketId: number; position: number; limit: number }, FeedEvent>(
  'feed_behind',
  sql`SELECT ${columns}
    FROM ticket_events e LEFT JOIN users actor ON actor.id = e.actor_id
    WHERE e.ticket_id = ${sql.placeholder('ticketId')}::bigint AND e.seq > ${sql.placeholder('position')}::int
    ORDER BY e.seq LIMIT ${sql.placeholder('limit')}::int`,
)

/** The log of a ticket behind a position (a `seq`), in order. */
export function eventsBehind(
  db: Database,
  ticketId: number,
  position: number,
  limit: number,
): Promise<FeedEvent[]> {
  return behind.run(db, { ticketId, position, limit })
}

const named = defineStatement<{ events: string; types: string }, FeedEvent>(
  'feed_named',
  sql`SELECT ${columns}
    FROM jsonb_to_recordset(${sql.placeholder('events')}::jsonb) AS wanted("ticketId" bigint, seq int)
    JOIN ticket_events e ON e.ticket_id = wanted."ticketId" AND e.seq = wanted.seq
    LEFT JOIN users actor ON actor.id = e.actor_id
    WHERE e.type = ANY (string_to_array(${sql.placeholder('types')}, ','))
    ORDER BY e.created_at, e.ticket_id, e.seq`,
)

/** Those of the events that are of the types; in order within each ticket. */
export function eventsNamed(
  db: Database,
  events: readonly { ticketId: number; seq: number }[],
  types: readonly string[],
): Promise<FeedEvent[]> {
  return named.run(db, { events: JSON.stringify(events), types: types.join(',') })
}
