import { Type } from 'typebox'
import { Ignored, Nullable, strict, Text } from '../shared/schemas.ts'

const SlaHours = Type.Number({
  exclusiveMinimum: 0,
  description: 'Hours to resolve, in the default policy; that policy is made if the priority has none',
})
const Colour = Type.String({ pattern: '^#[0-9a-fA-F]{6}$', description: '#rrggbb' })
const Rank = Type.Integer({
  minimum: 1,
  maximum: 1_000,
  description: '1 is the most urgent; the others close up around it',
})

export const Priority = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  sla_hours: Nullable(Type.Number()),
  color_code: Type.String(),
  rank: Type.Integer(),
})

export const NewPriority = Type.Object(
  {
    id: Ignored,
    name: Text(1, 100),
    sla_hours: Type.Optional(SlaHours),
    color_code: Colour,
    rank: Type.Optional(Rank),
  },
  strict,
)

export const PriorityPatch = Type.Object(
  {
    id: Ignored,
    name: Type.Optional(Text(1, 100)),
    sla_hours: Type.Optional(Nullable(SlaHours)),
    color_code: Type.Optional(Colour),
    rank: Type.Optional(Rank),
  },
  strict,
)
