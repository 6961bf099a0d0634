import { type TSchema, Type } from 'typebox'
import { MessageView } from '../messages/messages.schemas.ts'
import { IdInput, Ignored, Nullable, OrNull, Pagination, strict, Text, Timestamp } from '../shared/schemas.ts'

const clock = {
  state: Type.String({ description: 'running, paused, met or breached' }),
  due_at: OrNull(Timestamp),
  at_risk: Type.Boolean(),
}
const Clock = Type.Object(clock)
/** A clock as a single ticket shows it. */
export const ClockDetail = Type.Object({
  ...clock,
  policy: Type.String(),
  target_minutes: Type.Number(),
  elapsed_seconds: Type.Integer(),
  remaining_seconds: Type.Integer(),
  breached_at: OrNull(Timestamp),
})

const ticket = {
  id: Type.Integer(),
  ticket_id: Type.String(),
  title: Type.String(),
  description: Type.String(),
  status: Type.String(),
  priority: Type.String(),
  category: Type.String(),
  created_by: Type.Integer(),
  created_by_name: Type.String(),
  assigned_to: OrNull(Type.Integer()),
  assigned_agent_name: OrNull(Type.String()),
  team: OrNull(Type.String()),
  escalation_level: Type.Integer(),
  created_at: Timestamp,
  updated_at: Timestamp,
  first_response_at: OrNull(Timestamp),
  resolved_at: OrNull(Timestamp),
  closed_at: OrNull(Timestamp),
  sla_violated: Type.Boolean(),
  version: Type.Integer(),
}
const slaOf = <T extends TSchema & { type: string }>(clockSchema: T) =>
  Type.Object({ first_response: OrNull(clockSchema), resolution: OrNull(clockSchema) })

export const Ticket = Type.Object({ ...ticket, sla: slaOf(Clock) })
export const TicketDetail = Type.Object({ ...ticket, sla: slaOf(ClockDetail) })
export const TicketList = Type.Object({
  tickets: Type.Array(Ticket),
  pagination: Pagination,
  corrected_query: Type.Optional(
    Type.String({ description: 'What was searched for instead, because nothing has the words of `q`' }),
  ),
})

/** How many tickets there are, and how they stand; see `TicketStats` of core. */
export const Stats = Type.Object({
  total: Type.Integer(),
  open: Type.Integer({ description: 'New and Open' }),
  in_progress: Type.Integer(),
  pending: Type.Integer(),
  resolved: Type.Integer(),
  closed: Type.Integer(),
  critical_priority: Type.Integer(),
  high_priority: Type.Integer(),
  medium_priority: Type.Integer(),
  low_priority: Type.Integer(),
  unassigned: Type.Integer({ description: 'Neither resolved nor closed, and with no agent' }),
  sla_violated: Type.Integer({ description: 'Not resolved by when it was promised' }),
})

export const Title = Text(3, 200)
export const Description = Text(10, 20_000)

const newTicket = {
  title: Title,
  description: Description,
  priority: Type.Optional(Type.String({ maxLength: 100 })),
  category: Type.Optional(Type.String({ maxLength: 100 })),
}
export const NewTicketBody = Type.Object({ ...newTicket, created_by: Type.Optional(IdInput) }, strict)
/** The same as a form; every other part with a file is attached. */
export const NewTicketForm = Type.Object({
  ...newTicket,
  created_by: Type.Optional(Type.String()),
  files: Type.Optional(Type.Array(Type.String({ format: 'binary' }))),
})

const readOnly = Object.keys({ ...ticket, sla: null, performed_by: null, performed_by_name: null }).filter(
  (name) => !['title', 'description', 'status', 'priority', 'category', 'assigned_to', 'team'].includes(name),
)

export const TicketPatch = Type.Object(
  {
    ...Object.fromEntries(readOnly.map((name) => [name, Ignored])),
    title: Type.Optional(Title),
    description: Type.Optional(Description),
    status: Type.Optional(Type.String({ maxLength: 100 })),
    priority: Type.Optional(Type.String({ maxLength: 100 })),
    category: Type.Optional(Type.String({ maxLength: 100 })),
    assigned_to: Type.Optional(Nullable(IdInput)),
    team: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
  },
  strict,
)

/** How long a value is and how many there are is looked at when they are split at commas. */
const Names = Type.Optional(
  Type.Array(Type.String(), {
    description: 'Repeated or separated by commas, at most 100 of 200 characters',
  }),
)
/** Which tickets, by name; `me` and `none` where people are named. */
export const ticketFilters = {
  status: Names,
  priority: Names,
  category: Names,
  assigned_to: Names,
  created_by: Names,
  team: Names,
  sla: Names,
  created_after: Type.Optional(Type.String({ maxLength: 40 })),
  created_before: Type.Optional(Type.String({ maxLength: 40 })),
  q: Type.Optional(Text(0, 500)),
}
export const TicketQuery = Type.Object(
  {
    page: Type.Optional(Type.Integer({ minimum: 1 })),
    per_page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })),
    cursor: Type.Optional(Type.String({ maxLength: 4_000 })),
    ...ticketFilters,
    sort: Type.Optional(Type.String({ maxLength: 40 })),
  },
  strict,
)

export const Activities = Type.Array(
  Type.Object({
    id: Type.String(),
    ticket_id: Type.Integer(),
    description: Type.String(),
    performed_by: Nullable(Type.Integer()),
    performed_by_name: Type.String(),
    created_at: Timestamp,
    timestamp: Timestamp,
  }),
)

export const EventQuery = Type.Object(
  {
    after_seq: Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: 0 }),
    limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 1_000 }),
  },
  strict,
)
export const Events = Type.Array(
  Type.Object({
    seq: Type.Integer(),
    type: Type.String(),
    data: Type.Record(Type.String(), Type.Any()),
    actor_id: Nullable(Type.Integer()),
    actor_name: Type.String(),
    message_id: Nullable(Type.Integer()),
    file_id: Nullable(Type.String()),
    created_at: Timestamp,
    message: Type.Optional(MessageView),
  }),
)
