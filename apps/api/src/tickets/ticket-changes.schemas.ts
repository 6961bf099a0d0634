import { Type } from 'typebox'
import { Ignored, Nullable, strict, Text } from '../shared/schemas.ts'

/** Who does it is who is signed in; older clients say so again. */
const ignored = { performed_by: Ignored, performed_by_name: Ignored }

/** What may be said with a change; a form that was left empty sends it as null, or as a text of nothing. */
const Said = (max: number, description: string) => Type.Optional(Nullable(Text(0, max, description)))

export const StatusChange = Type.Object(
  {
    status: Type.String({ maxLength: 100, description: 'A name in any case, or a slug' }),
    comment: Said(20_000, 'Becomes a public message of the caller'),
    ...ignored,
  },
  strict,
)
export const PriorityChange = Type.Object(
  {
    priority: Type.String({ maxLength: 100, description: 'A name in any case, or a slug' }),
    reason: Said(1_000, 'Kept in the log of the ticket'),
    ...ignored,
  },
  strict,
)
export const Deleted = Type.Object({ success: Type.Boolean(), message: Type.String() })
