import type { Problem } from './errors.ts'

/** Codes by which postgres.js and the system say that the server cannot be reached. */
const UNREACHABLE = new Set([
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECTION_CLOSED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
])

/** SQLSTATE classes: 08 connection, 53 out of resources, 57P going down, 57014 timed out, 40 to be retried. */
const TRANSIENT = /^(?:08|53|57P|57014|40)/

/** SQLSTATEs of input that no schema can exclude: text that PostgreSQL cannot store, numbers out of range. */
const BAD_INPUT: Record<string, string> = {
  '22021': 'A text has a character that cannot be stored',
  '22P05': 'A text has a character that cannot be stored',
  '22003': 'A number is out of range',
  '22008': 'An instant is out of range',
}

/** What a database error means to the client; null when it is none, or a fault of ours. */
export function databaseProblem(error: unknown): Problem | null {
  const code = codeOf(error)
  if (code === null) return null
  if (UNREACHABLE.has(code) || TRANSIENT.test(code)) {
    const detail = 'The database cannot answer right now; try again'
    return { status: 503, code: 'database_unavailable', detail, headers: { 'Retry-After': '2' } }
  }
  const badInput = BAD_INPUT[code]
  if (badInput !== undefined) return { status: 400, code: 'validation_failed', detail: badInput }
  // Rows that others still refer to, or that were removed while this request ran.
  if (code === '23503')
    return { status: 409, code: 'in_use', detail: 'Something that this refers to has changed' }
  // Names that must differ; where more is to be said of it, core does.
  if (code === '23505') return { status: 409, code: 'already_exists', detail: 'This exists already' }
  return null
}

/** Drizzle wraps the driver's error, sometimes twice. */
function codeOf(error: unknown): string | null {
  for (
    let each: unknown = error, depth = 0;
    each instanceof Error && depth < 4;
    each = each.cause, depth += 1
  ) {
    if ('code' in each && typeof each.code === 'string' && !each.code.startsWith('FST_')) return each.code
  }
  return null
}
