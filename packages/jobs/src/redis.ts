import { Redis } from 'ioredis'

export type { Redis }

/**
 * Connects a client that fails fast: a command answers or throws within about a second, also while Redis is
 * away. For producers, the dashboard, rate limits and probes.
 * @param onError gets connection errors; ioredis reconnects by itself
 */
export function createRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 1,
    commandTimeout: 1_000,
    connectTimeout: 2_000,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 1_000),
  })
  redis.on('error', onError)
  return redis
}

/** Connects a client for BullMQ workers: it waits for Redis for as long as it takes. */
export function createWorkerRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    connectTimeout: 5_000,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 5), 1_000),
  })
  redis.on('error', onError)
  return redis
}
