import { UserError } from '../user-error.ts'
import { Refused, Unreachable } from './api-errors.ts'
import type { Caller } from './caller.ts'
import { type Newest, readNewest } from './find-extras.ts'
import type { ReplayOptions } from './options.ts'
import { type Pipeline, readPipeline } from './pipeline.ts'
import { type Session, signIn } from './session.ts'

export interface Beginning {
  admin: Session
  requester: Session
  /** The figures before the run. */
  before: Pipeline
  /** The requester's newest ticket. */
  newest: Newest | undefined
}

/** A server that is just starting is waited for; one that is not there is soon told of. */
const FIRST_PATIENCE_MS = 5_000

/**
 * Signs both in and notes how things stand.
 * @throws UserError when the server is not there, or is not what it should be
 */
export async function begin(call: Caller, options: ReplayOptions): Promise<Beginning> {
  try {
    const requester = await signIn(call, options.requester, FIRST_PATIENCE_MS)
    const admin = await signIn(call, options.admin, FIRST_PATIENCE_MS)
    const before = await readPipeline(admin.call)
    return { admin, requester, before, newest: await readNewest(admin.call, requester.userId) }
  } catch (error) {
    if (error instanceof Refused) throw new UserError(`The replay cannot begin: ${error.message}`)
    if (!(error instanceof Unreachable)) throw error
    throw new UserError(
      `${options.api} does not answer (${error.message}). Start it with npm start, or name another with --url.`,
    )
  }
}
