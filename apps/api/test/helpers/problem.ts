import { STATUS_CODES } from 'node:http'
import type { Test } from 'tap'

interface Answer {
  statusCode: number
  body: string
  headers: Record<string, unknown>
}

export interface ProblemBody extends Record<string, unknown> {
  detail: string
  code: string
  errors: { path: string; message: string }[]
}

/** What no body may show: stacks, SQL, versions, paths of the server. */
const LEAKS =
  /\n\s+at |node_modules|\/src\/|\.ts:\d|SELECT |INSERT INTO|UPDATE \w+ SET|Failed query|\$\d|postgres|drizzle|fastify|\bFST_|stack"/i

/** Asserts that an answer is an error as contract.md has them, and answers its body. */
export function isProblem(
  t: Test,
  answer: Answer,
  status: number | readonly number[],
  code?: string,
  what = `is refused with ${status}`,
): ProblemBody {
  const body = parse(answer.body)
  t.same(faultsOf(answer, body, [status].flat(), code), [], what)
  return body
}

function faultsOf(answer: Answer, body: ProblemBody, statuses: readonly number[], code?: string): string[] {
  const { statusCode, headers } = answer
  const checks: Record<string, boolean> = {
    [`status ${statusCode}, not ${statuses}: ${answer.body.slice(0, 300)}`]: statuses.includes(statusCode),
    'status in the body': body.status === statusCode,
    type: typeof body.type === 'string',
    title: body.title === STATUS_CODES[statusCode],
    detail: typeof body.detail === 'string' && body.detail !== '',
    message: body.message === body.detail,
    [`code ${body.code}, not ${code}`]: code === undefined ? /^[a-z_]+$/.test(body.code) : body.code === code,
    'request id': body.request_id === headers['x-request-id'],
    errors:
      Array.isArray(body.errors) &&
      body.errors.every(({ path, message }) => typeof path === 'string' && typeof message === 'string'),
    'content type': /^application\/(problem\+)?json/.test(String(headers['content-type'])),
    'WWW-Authenticate': statusCode !== 401 || /^Bearer/.test(String(headers['www-authenticate'])),
    [`something of the inside: ${answer.body.slice(0, 300)}`]: !LEAKS.test(answer.body),
  }
  return Object.keys(checks).filter((name) => !checks[name])
}

function parse(text: string): ProblemBody {
  try {
    const body = JSON.parse(text)
    if (typeof body === 'object' && body !== null) return body
  } catch {
    // The checks that follow say what is missing.
  }
  return { detail: '', code: '', errors: [] }
}
