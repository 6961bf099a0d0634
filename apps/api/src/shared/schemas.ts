import { type Static, type TSchema, Type } from 'typebox'

/** Members that are not declared are refused. */
export const strict = { additionalProperties: false } as const

/** What PostgreSQL can store as it is: no NUL, no half of a surrogate pair. */
const STORABLE = '[^\\u0000\\ud800-\\udfff]*$'

const WORDS: Readonly<Record<string, string>> = {
  pattern: 'is not of the expected form',
  const: 'is not one of the allowed values',
  anyOf: 'is not one of the allowed values',
  // How TypeBox says that a member is not known.
  boolean: 'is not a known member',
  required: 'is required',
}

/** What a validator found, for people: a regular expression tells them nothing. */
export function wordsFor(keyword: string, message: string | undefined): string {
  return WORDS[keyword] ?? message ?? 'is invalid'
}

/**
 * Text that can be stored; its length counts characters, an emoji as one. Where it must be there, spaces alone
 * will not do.
 */
export const Text = (min: number, max: number, description?: string) =>
  Type.String({
    minLength: min,
    maxLength: max,
    pattern: min > 0 ? `^(?=\\s*\\S)${STORABLE}` : `^${STORABLE}`,
    ...(description === undefined ? {} : { description }),
  })

export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const Timestamp = Type.String({ format: 'date-time', description: 'ISO 8601 in UTC' })
export const NullableTimestamp = Nullable(Timestamp)
/**
 * The same as {@link Nullable} for answers of many rows: where a schema is one of two, the serializer asks a validator about
 * every value, which takes it four times as long.
 */
export const OrNull = <T extends TSchema & { type: string }>(schema: T) =>
  Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] })

/** Ids of users, messages and alerts: integers; decimal strings are accepted. */
export const IdInput = Type.Union([
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ pattern: '^[1-9]\\d{0,14}$' }),
])
/** A ticket's id in a body: 1001, "1001" or "TKT-1001". */
export const TicketIdInput = Type.Union([
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ pattern: '^(?:[Tt][Kk][Tt]-)?[1-9]\\d{0,14}$' }),
])
export const IdParam = Type.Object(
  { id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  strict,
)
export const TicketParam = Type.Object(
  { id: Type.String({ pattern: '^(?:[Tt][Kk][Tt]-)?[1-9]\\d{0,14}$', description: '1001 or TKT-1001' }) },
  strict,
)
export const UuidParam = Type.Object(
  { id: Type.String({ pattern: '^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' }) },
  strict,
)

/** Reads an {@link IdInput}. */
export function toId(value: Static<typeof IdInput>): number {
  return Number(value)
}

/** A member that clients send and the server ignores (contract.md). */
export const Ignored = Type.Optional(Type.Any({ description: 'Ignored' }))

/** The members of a list's query that name a page; `cursor` walks a list of any size. */
export const pageQuery = {
  page: Type.Optional(Type.Integer({ minimum: 1 })),
  per_page: Type.Integer({ minimum: 1, maximum: 100, default: 50 }),
  cursor: Type.Optional(Type.String({ maxLength: 4_000 })),
}

export const Pagination = Type.Object({
  page: Type.Optional(Type.Integer()),
  per_page: Type.Integer(),
  total: Type.Optional(Type.Integer()),
  total_is_estimate: Type.Optional(Type.Boolean()),
  pages: Type.Optional(Type.Integer()),
  has_next: Type.Boolean(),
  has_prev: Type.Boolean(),
  next_cursor: Nullable(Type.String()),
})

export const ErrorBody = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    message: Type.String(),
    code: Type.String({ description: 'Stable and machine-readable' }),
    request_id: Type.String(),
    errors: Type.Array(Type.Object({ path: Type.String(), message: Type.String() })),
  },
  { $id: 'Error', additionalProperties: true, description: 'RFC 9457 problem details' },
)

const ErrorRef = Type.Ref('Error')

/** The response schemas of a route: its own, and the one error shape for everything else. */
export function answers<T extends Record<number, TSchema>>(own: T) {
  return { ...own, '4xx': ErrorRef, '5xx': ErrorRef }
}

export const Message = Type.Object({ message: Type.String() })
