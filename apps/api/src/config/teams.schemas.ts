import { Type } from 'typebox'
import { Ignored, Nullable, strict, Text } from '../shared/schemas.ts'

const Id = (description: string) =>
  Nullable(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, description }))

export const Team = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  description: Type.String(),
  parent_id: Nullable(Type.Integer()),
  supervisor_id: Nullable(Type.Integer()),
})

const optional = {
  id: Ignored,
  description: Type.Optional(Text(0, 1_000)),
  parent_id: Type.Optional(Id('The team that it is a part of')),
  supervisor_id: Type.Optional(Id('An active Technical Supervisor or System Admin')),
}
export const NewTeam = Type.Object({ ...optional, name: Text(1, 100) }, strict)
export const TeamPatch = Type.Object({ ...optional, name: Type.Optional(Text(1, 100)) }, strict)
