import { Type } from 'typebox'
import { Nullable, strict, Text } from '../shared/schemas.ts'

export const Priorities = Type.Array(
  Type.Object({
    id: Type.Integer(),
    name: Type.String(),
    sla_hours: Nullable(Type.Number()),
    color_code: Type.String(),
  }),
)
export const Statuses = Type.Array(
  Type.Object({
    id: Type.Integer(),
    name: Type.String(),
    is_closed_status: Type.Boolean(),
    class: Type.String(),
  }),
)
export const Categories = Type.Array(
  Type.Object({ id: Type.Integer(), name: Type.String(), description: Type.String() }),
)
export const Roles = Type.Array(
  Type.Object({
    id: Type.Integer(),
    name: Type.String(),
    description: Type.String(),
    permissions: Type.Array(Type.String()),
  }),
)
export const Transitions = Type.Array(
  Type.Object({
    id: Type.Integer(),
    from: Type.String(),
    to: Type.String(),
    roles: Type.Array(Type.String()),
  }),
)
export const Teams = Type.Array(
  Type.Object({
    id: Type.Integer(),
    name: Type.String(),
    description: Type.String(),
    parent_id: Nullable(Type.Integer()),
    supervisor_id: Nullable(Type.Integer()),
  }),
)
export const Calendars = Type.Array(
  Type.Object({
    id: Type.Integer(),
    name: Type.String(),
    time_zone: Type.String(),
    intervals: Type.Array(Type.Object({ weekday: Type.Integer(), start: Type.String(), end: Type.String() })),
    holidays: Type.Array(Type.Object({ date: Type.String(), name: Type.String() })),
  }),
)
export const AssignmentSettings = Type.Object({
  strategy: Type.String(),
  include_supervisors: Type.Boolean(),
  pending_frees_capacity: Type.Boolean(),
})
export const Policy = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  position: Type.Integer(),
  priority: Nullable(Type.String()),
  category: Nullable(Type.String()),
  team: Nullable(Type.String()),
  calendar_id: Type.Integer(),
  first_response_minutes: Type.Number(),
  resolution_minutes: Type.Number(),
  warning_percent: Type.Integer(),
})
export const Policies = Type.Array(Policy)

/** The members of a policy that may change; `id`, `position` and `calendar_id` of the answer may come back. */
export const PolicyPatch = Type.Object(
  {
    id: Type.Optional(Type.Any({ description: 'Ignored' })),
    position: Type.Optional(Type.Any({ description: 'Ignored' })),
    calendar_id: Type.Optional(Type.Any({ description: 'Ignored' })),
    name: Type.Optional(Text(1, 100)),
    priority: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
    category: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
    team: Type.Optional(Nullable(Type.String({ maxLength: 100 }))),
    first_response_minutes: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    resolution_minutes: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    warning_percent: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  strict,
)
