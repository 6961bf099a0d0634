import { Type } from 'typebox'

export const Roles = Type.Array(
  Type.Object({
    id: Type.Integer(),
    name: Type.String(),
    description: Type.String(),
    permissions: Type.Array(Type.String()),
  }),
)
