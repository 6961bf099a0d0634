import type { Deps } from './deps.ts'

/**
 * Lets who asks go on one after the other, at most `rate` a second; after an outage there is no catching up.
 * @param rate undefined for no limit
 */
export function createPace(rate: number | undefined, deps: Deps): () => Promise<void> {
  let nextAt = deps.now()
  return async () => {
    if (rate === undefined) return
    const at = Math.max(nextAt, deps.now())
    nextAt = at + 1_000 / rate
    if (at > deps.now()) await deps.wait(at - deps.now())
  }
}
