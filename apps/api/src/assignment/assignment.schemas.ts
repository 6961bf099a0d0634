import { STRATEGIES } from '@servicedesk/core'
import { Type } from 'typebox'
import { Ignored, Nullable, NullableTimestamp, strict } from '../shared/schemas.ts'

const Strategy = Type.Union(STRATEGIES.map((name) => Type.Literal(name)))
const Weight = Type.Integer({ minimum: 0, maximum: 100 })
const PARTS = ['capacity', 'skills', 'sla', 'presence'] as const
const each = <T>(value: T) => Object.fromEntries(PARTS.map((part) => [part, value]))

export const AssignmentSettings = Type.Object({
  strategy: Strategy,
  include_supervisors: Type.Boolean(),
  pending_frees_capacity: Type.Boolean(),
  weights: Type.Object(each(Type.Integer())),
})

export const AssignmentSettingsPatch = Type.Object(
  {
    strategy: Type.Optional(Strategy),
    include_supervisors: Type.Optional(Type.Boolean()),
    pending_frees_capacity: Type.Optional(Type.Boolean()),
    weights: Type.Optional(Type.Object(each(Type.Optional(Weight)), strict)),
  },
  strict,
)

const Parts = Type.Record(Type.String(), Type.Any())
const Recommendation = Type.Object({
  agent_id: Type.Integer(),
  name: Type.String(),
  score: Type.Number(),
  parts: Parts,
  can_take: Type.Boolean(),
  reason: Type.String(),
})

export const Assignment = Type.Object({
  ticket_id: Type.String(),
  assigned_to: Nullable(Type.Integer()),
  assigned_agent_name: Nullable(Type.String()),
  since: NullableTimestamp,
  strategy: Nullable(Type.String()),
  score: Nullable(Type.Number()),
  parts: Parts,
  reason: Nullable(Type.String()),
  assigned_by: Nullable(Type.Integer()),
  waiting_reason: Nullable(Type.String()),
  recommendations: Type.Array(Recommendation),
})

const AgentText = Type.String({
  pattern: '^(?:|auto|none|null|[1-9]\\d{0,14})$',
  description: 'An agent’s id; "auto" lets the engine choose; "none" or nothing unassigns',
})
const AgentId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

export const AssignBody = Type.Union([
  Type.Object(
    {
      agent_id: Type.Optional(Type.Union([AgentId, AgentText, Type.Null()])),
      force: Type.Optional(Type.Boolean()),
      // Who does it is who is signed in; older clients say so again.
      performed_by: Ignored,
      performed_by_name: Ignored,
    },
    strict,
  ),
  Type.Null(),
])
export const AssignQuery = Type.Object(
  { agent_id: Type.Optional(AgentText), force: Type.Optional(Type.Boolean()) },
  strict,
)

export const Assigned = Type.Object({
  message: Type.String(),
  ticket_id: Type.String(),
  assigned_to: Nullable(Type.Integer()),
  previous_assignee: Nullable(Type.Integer()),
})
