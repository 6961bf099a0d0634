import { Type } from 'typebox'
import { Ignored, strict, Text } from '../shared/schemas.ts'

const StatusName = Text(1, 100, 'A name in any case, or a slug')
const Roles = Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 20 })

export const Status = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  is_closed_status: Type.Boolean(),
  class: Type.String({ description: 'new, open, pending, resolved or closed' }),
  description: Type.String(),
  color: Type.String(),
  order: Type.Integer(),
})

const StatusClass = Type.Union(
  (['new', 'open', 'pending', 'resolved', 'closed'] as const).map((name) => Type.Literal(name)),
)
const optional = {
  id: Ignored,
  is_closed_status: Ignored,
  description: Type.Optional(Text(0, 1_000)),
  color: Type.Optional(Type.String({ pattern: '^#[0-9a-fA-F]{6}$', maxLength: 7 })),
  order: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 10_000,
      description: 'Its place; the first of a class is the one that the desk itself uses',
    }),
  ),
}
const Names = (description: string) => Type.Optional(Type.Array(StatusName, { maxItems: 100, description }))

export const NewStatus = Type.Object(
  {
    ...optional,
    name: Text(1, 100),
    class: StatusClass,
    from: Names('The statuses that lead to it; as to the first of its class, if not given'),
    to: Names('The statuses that it leads to; as from the first of its class, if not given'),
    roles: Type.Optional(Roles),
  },
  strict,
)
export const StatusPatch = Type.Object(
  { ...optional, name: Type.Optional(Text(1, 100)), class: Type.Optional(StatusClass) },
  strict,
)

export const Transition = Type.Object({
  id: Type.Integer(),
  from: Type.String(),
  to: Type.String(),
  roles: Type.Array(Type.String()),
})
export const NewTransition = Type.Object(
  { id: Ignored, from: StatusName, to: StatusName, roles: Roles },
  strict,
)
export const TransitionPatch = Type.Object(
  {
    id: Ignored,
    from: Type.Optional(StatusName),
    to: Type.Optional(StatusName),
    roles: Type.Optional(Roles),
  },
  strict,
)
