import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'

const strict = { additionalProperties: false } as const
/** Clients send it and the server ignores it (contract.md). */
const Ignored = Type.Optional(Type.Any())
/** 1001, "1001" or "TKT-1001". */
const TicketId = Type.Union([
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ pattern: '^(?:[Tt][Kk][Tt]-)?[1-9]\\d{0,14}$' }),
])
const MessageId = Type.Union([
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ pattern: '^[1-9]\\d{0,14}$' }),
])
const OfTicket = Type.Object({ ticket_id: TicketId }, strict)

/** What clients send over Socket.IO, by name (contract.md, Realtime). */
export const clientEvents = {
  join_ticket: Type.Object(
    {
      ticket_id: TicketId,
      /** The last `seq` that the client has: what came after it is sent. */
      after_seq: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })),
    },
    strict,
  ),
  leave_ticket: OfTicket,
  send_message: Type.Object(
    {
      ticket_id: TicketId,
      // With something to read in it, and nothing that cannot be stored: NUL, half a surrogate pair.
      message: Type.String({
        minLength: 1,
        maxLength: 20_000,
        pattern: '^(?=\\s*\\S)[^\\u0000\\ud800-\\udfff]*$',
      }),
      is_internal: Type.Optional(Type.Boolean()),
      reply_to: Type.Optional(Type.Union([MessageId, Type.Null()])),
      sender_id: Ignored,
      sender_name: Ignored,
      sender_role: Ignored,
    },
    strict,
  ),
  typing_start: OfTicket,
  typing_stop: OfTicket,
  /** `updates` follow the rules of `PUT /tickets/{id}`, which checks its members. */
  ticket_update: Type.Object(
    { ticket_id: TicketId, updates: Type.Object({}, { additionalProperties: true }) },
    strict,
  ),
  request_presence: Type.Object({}, strict),
} satisfies Record<string, TSchema>

export type ClientEventName = keyof typeof clientEvents
export type ClientEvents = { [K in ClientEventName]: Static<(typeof clientEvents)[K]> }

/** What every request is acknowledged with. */
export type Acknowledgement = { ok: true } | { ok: false; error: { code: string; message: string } }

type Ack = (answer: Acknowledgement) => void

/** A payload as it is handed to Socket.IO: what is undefined is not sent, so members that may be absent may be that. */
type Given<T> = { [M in keyof T]: Record<never, never> extends Pick<T, M> ? T[M] | undefined : T[M] }

/** The same as Socket.IO's types want it; a request of nothing may leave its payload out. */
export type ClientToServerEvents = {
  [K in ClientEventName]: keyof ClientEvents[K] extends never
    ? (...args: [ack?: Ack] | [payload: ClientEvents[K], ack?: Ack]) => void
    : (payload: Given<ClientEvents[K]>, ack?: Ack) => void
}

interface Validator {
  Check(value: unknown): boolean
  Errors(value: unknown): TLocalizedValidationError[]
}

const validators: Readonly<Record<string, Validator>> = Object.fromEntries(
  Object.entries(clientEvents).map(([name, schema]) => [name, Compile(schema)]),
)

export function isClientEvent(name: string): name is ClientEventName {
  return Object.hasOwn(clientEvents, name)
}

/**
 * Where a payload is wrong, in dots, and how: the keyword of JSON Schema that it fails, and the validator's words. Of a
 * member that may be several things `wanted` says for people what it must be.
 */
export interface PayloadProblem {
  path: string
  keyword: string
  message: string
  wanted?: string | undefined
}

const WANTED: Readonly<Record<string, string>> = {
  ticket_id: 'must be a ticket id such as 1001 or TKT-1001',
  reply_to: 'must be the id of a message, such as 17, or null',
}

/** Checks a payload against its event's schema. */
export function checkClientEvent<K extends ClientEventName>(
  name: K,
  payload: unknown,
): { value: ClientEvents[K] } | { problem: PayloadProblem } {
  const validator = validators[name]
  if (validator?.Check(payload)) return { value: payload as ClientEvents[K] }
  const errors = validator?.Errors(payload) ?? []
  // Of a member that may be several things, what it should have been is said by `anyOf` alone.
  const error = errors.find((each) => each.keyword === 'anyOf') ?? errors[0]
  const at = (error?.instancePath ?? '').split('/').slice(1)
  // A member that is missing is what people look for, not what it is missing from.
  const missing = error?.keyword === 'required' ? error.params.requiredProperties.slice(0, 1) : []
  const path = [...at, ...missing].join('.')
  const wanted = error?.keyword === 'anyOf' ? WANTED[path] : undefined
  return { problem: { path, keyword: error?.keyword ?? '', message: error?.message ?? 'is invalid', wanted } }
}
