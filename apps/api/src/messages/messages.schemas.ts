import { Type } from 'typebox'
import { IdInput, Ignored, Nullable, strict, Text, TicketIdInput, Timestamp } from '../shared/schemas.ts'

/** A message as it is shown. */
export const MessageView = Type.Object({
  id: Type.Integer(),
  ticket_id: Type.String(),
  sender_id: Type.Integer(),
  sender_name: Type.String(),
  sender_role: Type.String(),
  message: Type.String(),
  is_internal: Type.Boolean(),
  reply_to: Nullable(Type.Integer()),
  timestamp: Timestamp,
  type: Type.Literal('message'),
  image_url: Type.Optional(Type.String()),
})

export const NewMessage = Type.Object(
  {
    ticket_id: TicketIdInput,
    message: Text(1, 20_000),
    is_internal: Type.Optional(Type.Boolean()),
    reply_to: Type.Optional(Nullable(IdInput)),
    image_url: Type.Optional(
      Nullable(Type.String({ maxLength: 2_000, pattern: '^https?://[^\\u0000\\s]+$' })),
    ),
    sender_id: Ignored,
    sender_name: Ignored,
    sender_role: Ignored,
    file_info: Ignored,
  },
  strict,
)

/** Messages and uploads, and with `include=events` what happened: told apart by `type`. */
export const Timeline = Type.Array(
  Type.Object({ type: Type.String(), timestamp: Timestamp }, { additionalProperties: true }),
)

export const TimelineQuery = Type.Object({ include: Type.Optional(Type.Literal('events')) }, strict)
