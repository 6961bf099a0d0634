import type { Resolved } from './resolve-tickets.ts'

/**
 * How long after each resolve its agent got the next ticket, in milliseconds. While tickets wait every agent is at the
 * cap, so what an agent gets is what the own resolves made room for: the first resolve is followed by the first ticket
 * got after it, and so on. A resolve after which nothing came (the queue was empty) has no time.
 */
export function refillTimes(resolved: readonly Resolved[]): number[] {
  return [...new Set(resolved.map(({ agentId }) => agentId))].flatMap((id) => {
    const own = resolved.filter(({ agentId }) => agentId === id)
    const free = own.map(({ at }) => at).sort((a, b) => a - b)
    const times: number[] = []
    for (const gotAt of own.map((each) => each.gotAt).sort((a, b) => a - b)) {
      const since = free[0]
      if (since === undefined || since > gotAt) continue
      free.shift()
      times.push(gotAt - since)
    }
    return times
  })
}
