import { UserError } from '../user-error.ts'
import { Refused, Unreachable } from './api-errors.ts'
import type { Caller } from './caller.ts'
import type { Deps } from './deps.ts'
import { type Newest, readNewest } from './find-extras.ts'
import type { ReplayOptions } from './options.ts'
import { type Pipeline, readPipeline } from './pipeline.ts'
import { type Session, signIn } from './session.ts'
import { type Staff, staffDesk } from './staff.ts'
import { type FollowedWork, followWork } from './work.ts'

export interface Beginning {
  admin: Session
  requester: Session
  /** The figures before the run. */
  before: Pipeline
  /** The requester's newest ticket. */
  newest: Newest | undefined
  /** The replay's own teams, and how they work. */
  staff: { staff: Staff; work: FollowedWork } | undefined
}

/** A server that is just starting is waited for; one that is not there is soon told of. */
const FIRST_PATIENCE_MS = 5_000

/**
 * Signs both in, notes how things stand, and brings the replay's own teams.
 * @param used the category of each row
 * @throws UserError when the server is not there, or is not what it should be
 */
export async function begin(
  call: Caller,
  options: ReplayOptions,
  used: readonly (string | undefined)[],
  deps: Deps,
): Promise<Beginning> {
  try {
    const requester = await signIn(call, options.requester, FIRST_PATIENCE_MS)
    const admin = await signIn(call, options.admin, FIRST_PATIENCE_MS)
    const before = await readPipeline(admin.call)
    const newest = await readNewest(admin.call, requester.userId)
    return { admin, requester, before, newest, staff: await bring(call, admin.call, options, used, deps) }
  } catch (error) {
    if (error instanceof Refused) throw new UserError(`The replay cannot begin: ${error.message}`)
    if (!(error instanceof Unreachable)) throw error
    throw new UserError(
      `${options.api} does not answer (${error.message}). Start it with npm start, or name another with --url.`,
    )
  }
}

async function bring(
  call: Caller,
  admin: Caller,
  { staff: asked, timeoutSeconds }: ReplayOptions,
  used: readonly (string | undefined)[],
  deps: Deps,
): Promise<Beginning['staff']> {
  if (asked === undefined) return undefined
  const staff = await staffDesk(admin, asked, used)
  const timeoutMs = timeoutSeconds * 1_000
  try {
    const work = await followWork({ call, admin, staff, deps, timeoutMs, resolveRate: asked.resolveRate })
    return { staff, work }
  } catch (error) {
    await staff.leave().catch(() => undefined)
    throw error
  }
}
