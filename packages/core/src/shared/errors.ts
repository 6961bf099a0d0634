/** What went wrong, in the domain's words; the API's error table turns it into a status. */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'stale'
  | 'too_large'
  | 'unsupported_type'
  | 'range'
  | 'key_reused'
  | 'unavailable'

export interface FieldError {
  /** The member, in dots: `intervals.0.start`. */
  path: string
  message: string
}

/** An expected failure with a stable code that clients may rely on. */
export class DomainError extends Error {
  override name = 'DomainError'
  readonly kind: ErrorKind
  readonly code: string
  readonly fields: readonly FieldError[]
  /** Members added to the error's body, such as `allowed_transitions`. */
  readonly extra: Record<string, unknown>

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    more: { fields?: readonly FieldError[]; extra?: Record<string, unknown> } = {},
  ) {
    super(message)
    this.kind = kind
    this.code = code
    this.fields = more.fields ?? []
    this.extra = more.extra ?? {}
  }
}

/** 400 for one member of the input. */
export function invalid(path: string, message: string): DomainError {
  return new DomainError('invalid', 'validation_failed', `${path}: ${message}`, {
    fields: [{ path, message }],
  })
}

/** 404, also for what the caller may not know exists. */
export function notFound(what: string): DomainError {
  return new DomainError('not_found', 'not_found', `${what} not found`)
}

export function forbidden(message: string): DomainError {
  return new DomainError('forbidden', 'forbidden', message)
}

export function conflict(code: string, message: string, extra: Record<string, unknown> = {}): DomainError {
  return new DomainError('conflict', code, message, { extra })
}

/** Throws `error` unless the condition holds. */
export function assertThat(condition: unknown, error: DomainError): asserts condition {
  if (!condition) throw error
}
