import { Type } from 'typebox'

export const Statuses = Type.Array(
  Type.Object({
    id: Type.Integer(),
    name: Type.String(),
    is_closed_status: Type.Boolean(),
    class: Type.String(),
  }),
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
