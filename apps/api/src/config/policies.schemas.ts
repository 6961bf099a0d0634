import { BREACH_ACTIONS } from '@servicedesk/core'
import { Type } from 'typebox'
import { Ignored, Nullable, strict, Text } from '../shared/schemas.ts'

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
  breach_actions: Type.Array(Type.String()),
  is_active: Type.Boolean(),
})

const Criterion = Type.Optional(
  Nullable(Type.String({ maxLength: 100, description: 'A name; null fits every ticket' })),
)
const Minutes = Type.Number({ exclusiveMinimum: 0, description: 'Of the calendar’s working time' })

const optional = {
  id: Ignored,
  position: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      description:
        'The first policy by position that fits applies. Where one stands there, it and those behind it move on',
    }),
  ),
  priority: Criterion,
  category: Criterion,
  team: Criterion,
  calendar_id: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'By default the one that works around the clock',
    }),
  ),
  warning_percent: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  breach_actions: Type.Optional(
    Type.Array(Type.Union(BREACH_ACTIONS.map((action) => Type.Literal(action))), {
      uniqueItems: true,
      maxItems: BREACH_ACTIONS.length,
    }),
  ),
  is_active: Type.Optional(Type.Boolean()),
}
export const NewPolicy = Type.Object(
  { ...optional, name: Text(1, 100), first_response_minutes: Minutes, resolution_minutes: Minutes },
  strict,
)
export const PolicyPatch = Type.Object(
  {
    ...optional,
    name: Type.Optional(Text(1, 100)),
    first_response_minutes: Type.Optional(Minutes),
    resolution_minutes: Type.Optional(Minutes),
  },
  strict,
)
