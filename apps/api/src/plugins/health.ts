import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { RouteDeps } from '../shared/route-deps.ts'

const PROBE_TIMEOUT_MS = 2_000

type State = { state: 'up' } | { state: 'down'; error: string }

async function probe(check: () => PromiseLike<unknown>): Promise<State> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timed out')), PROBE_TIMEOUT_MS)
  })
  try {
    await Promise.race([check(), late])
    return { state: 'up' }
  } catch (error) {
    // The reason in one word: a probe's answer is public and names no address or version.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreachable'
    return { state: 'down', error: code }
  } finally {
    clearTimeout(timer)
  }
}

/**
 * `/health`: the process lives. `/ready`: what it needs answers; without Redis it works on, and without the replica all but figures and exports
 * do, degraded.
 */
export const healthPlugin = fp(async (app: FastifyInstance, deps: RouteDeps) => {
  const options = { config: { access: 'public' as const }, schema: { hide: true }, logLevel: 'warn' as const }
  app.get('/health', options, async () => ({ status: 'ok', timestamp: new Date().toISOString() }))

  app.get('/ready', options, async (_request, reply) => {
    const { reports } = deps
    const [postgres, redis, replica] = await Promise.all([
      probe(() => deps.db.$client`SELECT 1`),
      // A write, and under our hash tag: a replica, a full memory or a lost slot would answer a ping.
      probe(() => deps.redis.set(`${deps.config.redisPrefix}:probe`, '1', 'PX', 60_000)),
      reports === undefined ? undefined : probe(() => reports.$client`SELECT 1`),
    ])
    const isUp = postgres.state === 'up'
    const isWhole = redis.state === 'up' && replica?.state !== 'down'
    const status = isUp ? (isWhole ? 'ready' : 'degraded') : 'unavailable'
    if (!isUp) reply.code(503).header('Retry-After', '2')
    return { status, checks: { postgres, redis, ...(replica === undefined ? {} : { replica }) } }
  })
})
