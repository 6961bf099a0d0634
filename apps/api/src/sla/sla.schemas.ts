import { Type } from 'typebox'
import { Nullable, NullableTimestamp, Timestamp } from '../shared/schemas.ts'
import { ClockDetail } from '../tickets/tickets.schemas.ts'

const ClockLogEntry = Type.Object({
  seq: Type.Integer(),
  type: Type.String({ description: 'start, pause, resume, stop, apply_policy, warn or breach' }),
  at: Timestamp,
  data: Type.Record(Type.String(), Type.Any()),
})

/** Both clocks of a ticket with their logs. */
export const TicketClocks = Type.Object({
  ticket_id: Type.String(),
  clocks: Type.Array(
    Type.Object({
      metric: Type.String({ description: 'first_response or resolution' }),
      ...ClockDetail.properties,
      calendar: Nullable(Type.String()),
      warning_percent: Type.Integer(),
      warn_at: NullableTimestamp,
      paused_at: NullableTimestamp,
      warned_at: NullableTimestamp,
      stopped_at: NullableTimestamp,
      events: Type.Array(ClockLogEntry),
    }),
  ),
})
