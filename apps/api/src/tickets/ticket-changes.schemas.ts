import { Type } from 'typebox'
import { Ignored, strict, Text } from '../shared/schemas.ts'

/** Who does it is who is signed in; older clients say so again. */
const ignored = { performed_by: Ignored, performed_by_name: Ignored }

export const StatusChange = Type.Object(
  {
    status: Type.String({ maxLength: 100, description: 'A name in any case, or a slug' }),
    comment: Type.Optional(Text(1, 20_000, 'Becomes a public message of the caller')),
    ...ignored,
  },
  strict,
)
export const PriorityChange = Type.Object(
  {
    priority: Type.String({ maxLength: 100, description: 'A name in any case, or a slug' }),
    reason: Type.Optional(Text(1, 1_000, 'Kept in the log of the ticket')),
    ...ignored,
  },
  strict,
)
export const Deleted = Type.Object({ success: Type.Boolean(), message: Type.String() })
