import { isServersDoing, Refused } from './api-errors.ts'
import type { Caller } from './caller.ts'
import type { Deps } from './deps.ts'
import { members, numberOf } from './json.ts'
import { reasonOf } from './session.ts'

/** The figures of `GET /admin/pipeline` that a replay looks at. They count everything in the system. */
export interface Pipeline {
  owed: number
  dead: number
  mailsQueued: number
  mailsSent: number
  mailsFailed: number
  /** Not sent, because a later mail had said more: nothing is lost. */
  mailsDiscarded: number
  thumbnailsPending: number
}

/** @throws Unreachable, Refused */
export async function readPipeline(admin: Caller, patienceMs?: number): Promise<Pipeline> {
  const patience = patienceMs === undefined ? {} : { patienceMs }
  const answer = await admin({ path: '/admin/pipeline', ...patience })
  if (answer.status !== 200) throw new Refused(`the pipeline's figures were refused: ${reasonOf(answer)}`)
  const body = members(answer.body)
  const figure = (name: string) => {
    const value = numberOf(body[name])
    if (value === undefined) throw new Refused(`the pipeline's figures lack "${name}"`)
    return value
  }
  return {
    owed: figure('owed'),
    dead: figure('dead'),
    mailsQueued: figure('mails_queued'),
    mailsSent: figure('mails_sent'),
    mailsFailed: figure('mails_failed'),
    mailsDiscarded: figure('mails_discarded'),
    thumbnailsPending: figure('thumbnails_pending'),
  }
}

/** Whether nothing more will happen by itself. */
export function isDrained({ owed, mailsQueued, thumbnailsPending }: Pipeline): boolean {
  return owed === 0 && mailsQueued === 0 && thumbnailsPending === 0
}

const POLL_MS = 500

/**
 * Waits until the pipeline has drained, through outages of the API.
 * @returns the last figures, drained or not when the time was up; undefined when none could be had
 */
export async function waitForDrain(
  admin: Caller,
  deps: Deps,
  timeoutMs: number,
  onFigures: (figures: Pipeline) => void,
): Promise<Pipeline | undefined> {
  const deadline = deps.now() + timeoutMs
  let latest: Pipeline | undefined
  for (;;) {
    try {
      latest = await readPipeline(admin, deadline - deps.now())
      onFigures(latest)
      if (isDrained(latest)) return latest
    } catch (error) {
      // An answer such as a 500 may be part of an outage as well.
      if (!isServersDoing(error)) throw error
      latest = undefined
    }
    if (deps.now() >= deadline) return latest
    await deps.wait(Math.min(POLL_MS, deadline - deps.now()))
  }
}
