import { Type } from 'typebox'
import { Ignored, Nullable, strict, Text } from '../shared/schemas.ts'

const Team = Nullable(
  Type.String({
    maxLength: 100,
    description: 'The name of the team that gets its tickets; null for any agent',
  }),
)

export const Category = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  description: Type.String(),
  team: Nullable(Type.String()),
})

const optional = { id: Ignored, description: Type.Optional(Text(0, 1_000)), team: Type.Optional(Team) }
export const NewCategory = Type.Object({ ...optional, name: Text(1, 100) }, strict)
export const CategoryPatch = Type.Object({ ...optional, name: Type.Optional(Text(1, 100)) }, strict)
