import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import type { RedisClient } from '@servicedesk/jobs'

const COUNT = `
local current = redis.call('INCR', KEYS[1])
if current == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {current, redis.call('PTTL', KEYS[1])}`

/** Between connections: to ask then would cost each request up to a second. */
const AWAY: readonly string[] = ['close', 'reconnecting', 'end']

/** Keys that a node remembers by itself; beyond them the oldest are forgotten. */
const MOST_LOCAL = 10_000

type Counted = Parameters<Parameters<FastifyRateLimitStore['incr']>[1]>[1]

/**
 * Counts in Redis, so that all nodes count together, and while Redis is away in this node's own memory.
 * @param prefix of the keys in Redis
 */
export function rateLimitStore(redis: RedisClient, prefix: string): FastifyRateLimitStoreCtor {
  const countHere = createLocalCounter()

  return class Store implements FastifyRateLimitStore {
    #scope = ''

    async #count(key: string, windowMs: number): Promise<Counted> {
      if (AWAY.includes(redis.status)) return countHere(key, windowMs)
      try {
        const [current, ttl] = (await redis.eval(COUNT, 1, prefix + key, windowMs)) as [number, number]
        return { current, ttl }
      } catch {
        return countHere(key, windowMs)
      }
    }

    incr(key: string, callback: Parameters<FastifyRateLimitStore['incr']>[1], windowMs = 60_000): void {
      this.#count(this.#scope + key, windowMs).then(
        (counted) => callback(null, counted),
        (error: Error) => callback(error),
      )
    }

    /** Each route is counted by itself. */
    child(options: object): FastifyRateLimitStore {
      // The plugin's types promise the route itself; what comes are the limit's options with the route in them.
      const { routeInfo } = options as { routeInfo: { method: string; url: string } }
      const store = new Store()
      store.#scope = `${routeInfo.method}${routeInfo.url}-`
      return store
    }
  }
}

function createLocalCounter(): (key: string, windowMs: number) => { current: number; ttl: number } {
  const counters = new Map<string, { current: number; endsAt: number }>()
  return (key, windowMs) => {
    const now = Date.now()
    const known = counters.get(key)
    const counter = known !== undefined && known.endsAt > now ? known : { current: 0, endsAt: now + windowMs }
    counter.current += 1
    // To the end of the map, so that its beginning is what was not seen for longest.
    counters.delete(key)
    counters.set(key, counter)
    const [oldest] = counters.keys()
    if (counters.size > MOST_LOCAL && oldest !== undefined) counters.delete(oldest)
    return { current: counter.current, ttl: counter.endsAt - now }
  }
}
