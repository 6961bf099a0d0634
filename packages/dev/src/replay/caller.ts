import { Unreachable } from './api-errors.ts'
import type { Deps } from './deps.ts'
import { type Answer, type Attempt, nextStep } from './retry-policy.ts'

export interface ApiRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH'
  /** Below the API's address, with its slash. */
  path: string
  headers?: Record<string, string>
  /** Makes the body, anew for every attempt: a form can be sent once only. */
  body?: () => Promise<string | FormData>
  /** How long an outage may last before the request is given up; {@link PATIENCE_MS} by default. */
  patienceMs?: number
}

/** Long enough for a process, a Redis or a database that was killed to be back. */
export const PATIENCE_MS = 60_000
/** A server that hangs is as good as one that is away. */
const ATTEMPT_MS = 30_000
/** Waiting that a server asks for is free, within reason. */
const ASKED_WAIT_MS = 15 * 60_000

export type Caller = (request: ApiRequest) => Promise<Answer>

/**
 * Calls an API until it answers; see {@link nextStep} for what is tried again.
 * @returns a caller, which throws {@link Unreachable}
 */
export function createCaller(api: string, deps: Deps, onRetry: (reason: string) => void): Caller {
  return async function call(request) {
    let deadline = deps.now() + (request.patienceMs ?? PATIENCE_MS)
    let asked = 0
    for (let attempts = 1; ; attempts++) {
      const step = nextStep(await tryOnce(api, deps, request), attempts)
      if ('answer' in step) return step.answer
      const { reason, waitMs, isAsked } = step
      if (isAsked && asked + waitMs <= ASKED_WAIT_MS) {
        asked += waitMs
        deadline += waitMs
      }
      if (deps.now() + waitMs > deadline) throw new Unreachable(reason)
      onRetry(reason)
      await deps.wait(waitMs)
    }
  }
}

async function tryOnce(api: string, deps: Deps, request: ApiRequest): Promise<Attempt> {
  const body = await request.body?.()
  const method = request.method ?? 'GET'
  const signal = AbortSignal.timeout(ATTEMPT_MS)
  try {
    const response = await deps.fetch(`${api}${request.path}`, {
      method,
      signal,
      ...(request.headers === undefined ? {} : { headers: request.headers }),
      ...(body === undefined ? {} : { body }),
    })
    // The connection may break in the middle of the body too.
    const text = await response.text()
    return { answer: { status: response.status, headers: response.headers, body: parse(text) } }
  } catch (error) {
    return { failure: failureOf(error) }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A word for the failures that people know, else the error's code: the cause is where fetch keeps it. */
function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'no answer in time'
  const cause = error.cause instanceof Error ? error.cause : error
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
  return NAMES[code] ?? code
}

const NAMES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  EPIPE: 'connection lost',
  UND_ERR_SOCKET: 'connection lost',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'unknown host',
}
