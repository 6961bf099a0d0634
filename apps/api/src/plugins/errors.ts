import { STATUS_CODES } from 'node:http'
import { DomainError, type ErrorKind, type FieldError } from '@servicedesk/core'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { wordsFor } from '../shared/schemas.ts'
import { databaseProblem } from './database-errors.ts'
import { storeProblem } from './store-errors.ts'

export interface Problem {
  status: number
  code: string
  detail: string
  errors?: readonly FieldError[]
  extra?: Record<string, unknown>
  headers?: Record<string, string>
}

/** The one table from what went wrong to a status. */
const STATUS_OF: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale: 412,
  too_large: 413,
  unsupported_type: 415,
  range: 416,
  key_reused: 422,
  unavailable: 503,
}

/** Fastify's and its plugins' codes that clients meet, in our words. */
const FRAMEWORK: Record<string, Problem> = {
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    code: 'malformed_json',
    detail: 'The body is not valid JSON',
  },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, code: 'malformed_json', detail: 'The body is empty' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    code: 'malformed_body',
    detail: 'Content-Length does not fit',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, code: 'body_too_large', detail: 'The body is too large' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    code: 'unsupported_media_type',
    detail: 'This Content-Type is not accepted here',
  },
  FST_INVALID_MULTIPART_CONTENT_TYPE: {
    status: 415,
    code: 'unsupported_media_type',
    detail: 'The body must be multipart/form-data',
  },
  FST_FILES_LIMIT: { status: 413, code: 'too_many_files', detail: 'At most 10 files a request' },
  FST_PARTS_LIMIT: { status: 413, code: 'too_many_parts', detail: 'The form has too many parts' },
  FST_FIELDS_LIMIT: { status: 413, code: 'too_many_fields', detail: 'The form has too many fields' },
  FST_PROTO_VIOLATION: { status: 400, code: 'malformed_body', detail: 'A field has a forbidden name' },
  FST_MULTIPART_PREMATURE_CLOSE: { status: 400, code: 'malformed_body', detail: 'The form ended too soon' },
  FST_ERR_BAD_URL: { status: 400, code: 'malformed_url', detail: 'The path is not valid' },
}

function validationProblem(error: FastifyError): Problem {
  const errors = (error.validation ?? []).map((each) => {
    const params = each.params as { missingProperty?: string; additionalProperty?: string }
    const path = [
      ...each.instancePath.split('/').slice(1),
      params.missingProperty ?? params.additionalProperty,
    ]
    const message =
      params.additionalProperty === undefined ? wordsFor(each.keyword, each.message) : 'is not a known member'
    return { path: path.filter(Boolean).join('.'), message }
  })
  const [first] = errors
  const detail =
    first === undefined
      ? 'The request is not valid'
      : `${first.path || error.validationContext}: ${first.message}`
  return { status: 400, code: 'validation_failed', detail, errors }
}

/** What an error means to the client; null for one that nobody expected. */
function problemOf(error: FastifyError): Problem | null {
  if (error instanceof DomainError) {
    const { code, message, fields, extra } = error
    return { status: STATUS_OF[error.kind], code, detail: message, errors: fields, extra }
  }
  if (error.validation !== undefined) return validationProblem(error)
  const known = FRAMEWORK[error.code]
  if (known !== undefined) return known
  const away = databaseProblem(error) ?? storeProblem(error)
  if (away !== null) return away
  const status = error.statusCode ?? 500
  if (status >= 400 && status < 500) {
    return { status, code: status === 429 ? 'rate_limited' : 'bad_request', detail: error.message }
  }
  // Busboy reports a form that ends in the middle with plain errors.
  if (
    /unexpected end of (form|multipart|file)|multipart: boundary not found|malformed part header/i.test(
      error.message,
    )
  ) {
    return { status: 400, code: 'malformed_body', detail: 'The form is malformed or ended too soon' }
  }
  return null
}

const UNEXPECTED: Problem = {
  status: 500,
  code: 'internal_error',
  detail: 'Something went wrong on our side',
}

/** Sends a problem in the shape of contract.md; no stack, SQL or version is ever in it. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem) {
  const { status, code, detail } = problem
  reply.code(status).headers(problem.headers ?? {})
  if (status === 401) reply.header('WWW-Authenticate', 'Bearer')
  if ((status === 503 || status === 429) && !reply.hasHeader('Retry-After')) reply.header('Retry-After', '5')
  const wantsProblem = request.headers.accept?.includes('application/problem+json') ?? false
  reply.type(wantsProblem ? 'application/problem+json' : 'application/json')
  const title = STATUS_CODES[status] ?? 'Error'
  return reply
    .serializer((body: unknown) => JSON.stringify(body))
    .send({
      type: 'about:blank',
      title,
      status,
      detail,
      code,
      request_id: request.id,
      errors: problem.errors ?? [],
      message: detail,
      ...problem.extra,
    })
}

function sendError(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  const problem = problemOf(error)
  if (problem === null) request.log.error({ err: error }, 'unexpected error')
  else if (storeProblem(error) !== null) request.log.warn({ err: error }, 'file store')
  return sendProblem(request, reply, problem ?? UNEXPECTED)
}

/** Errors before any route and hook: paths that cannot be decoded. */
export function sendFrameworkError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('X-Request-Id', request.id).header('X-Content-Type-Options', 'nosniff')
  sendError(error, request, reply)
  // Nobody else tells of what came to no route.
  request.log.info({ req: request, res: reply }, 'request refused')
}

/** Every way of failing, from one table. */
export const errorsPlugin = fp(async (app: FastifyInstance) => {
  app.setErrorHandler(sendError)
})
