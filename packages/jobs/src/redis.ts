import { Cluster, Redis, type RedisOptions } from 'ioredis'
import type { HostPort, RedisConnection } from './redis-settings.ts'

/** A connection to Redis, be it one server, a master that sentinels watch, or a cluster. */
export type RedisClient = Redis | Cluster

/** How long a command of a producer may take; what it would have done is left to the relay then. */
const COMMAND_TIMEOUT_MS = 1_000

const retryStrategy = (times: number) => Math.min(50 * 2 ** Math.min(times, 5), 1_000)

/** A server that became a replica refuses writes; the next connection finds the master. */
const isReplica = (error: Error) => error.message.startsWith('READONLY')

/**
 * Connects a client that fails fast: a command answers or throws within about a second, also while Redis is
 * away or frozen. For producers, the dashboard, rate limits and probes.
 * @param onError gets connection errors; the client reconnects by itself
 */
export function createRedis(connection: RedisConnection, onError: (error: Error) => void): RedisClient {
  const options: Settings = {
    maxRetriesPerRequest: 1,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: 2_000,
    // Of a frozen server: else commands that have timed out would pile up for it.
    socketTimeout: 3_000,
    reconnectOnError: isReplica,
  }
  return listening(connect(connection, options, FailFastCluster), onError)
}

/** Connects a client for BullMQ workers: it waits for Redis for as long as it takes. */
export function createWorkerRedis(connection: RedisConnection, onError: (error: Error) => void): RedisClient {
  const options: Settings = {
    maxRetriesPerRequest: null,
    connectTimeout: 5_000,
    // Longer than a worker's blocking wait for a job; a line that went dead without a word is opened anew.
    socketTimeout: 15_000,
    // 2: and the command is sent again.
    reconnectOnError: (error) => (isReplica(error) ? 2 : false),
  }
  return listening(connect(connection, options, Cluster), onError)
}

/**
 * Asks Redis once for an answer, without trying again.
 * @throws Error with the reason why it cannot be used
 */
export async function checkRedisConnection(connection: RedisConnection): Promise<void> {
  const options: Settings = {
    lazyConnect: true,
    connectTimeout: 5_000,
    commandTimeout: 5_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
  }
  const redis = connect(connection, options, Cluster)
  // `connect` itself knows only that there was a reason.
  let reason: Error | undefined
  redis.on('error', (error: Error & { lastNodeError?: Error }) => {
    reason = error.lastNodeError ?? error
  })
  try {
    await redis.connect()
    await redis.ping()
  } catch (error) {
    throw reason ?? error
  } finally {
    redis.disconnect()
  }
}

type Settings = Omit<RedisOptions, 'replyMapping'>
type ClusterArguments = [
  nodes: HostPort[],
  options: {
    lazyConnect: boolean
    clusterRetryStrategy: RedisOptions['retryStrategy']
    redisOptions: Settings
  },
]

function connect(
  connection: RedisConnection,
  options: Settings,
  ClusterKind: new (...args: ClusterArguments) => Cluster,
): RedisClient {
  const settings = { retryStrategy, ...options }
  if (connection.kind === 'single') return new Redis(connection.url, settings)
  const { username, password, tls } = connection
  const access = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  }
  if (connection.kind === 'sentinel') {
    const { sentinels, name, sentinelPassword } = connection
    return new Redis({
      ...settings,
      ...access,
      sentinels,
      name,
      ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
      ...(tls ? { enableTLSForSentinelMode: true } : {}),
    })
  }
  const { lazyConnect = false, retryStrategy: clusterRetryStrategy, ...node } = settings
  return new ClusterKind(connection.nodes, {
    lazyConnect,
    clusterRetryStrategy,
    redisOptions: { ...node, ...access },
  })
}

function listening(redis: RedisClient, onError: (error: Error) => void): RedisClient {
  redis.on('error', onError)
  return redis
}

/** ioredis itself limits the time of a command on a node only, not the time that it waits for the cluster. */
class FailFastCluster extends Cluster {
  #isAway = false

  constructor(...args: ClusterArguments) {
    super(...args)
    this.on('close', () => {
      this.#isAway = true
    })
    this.on('ready', () => {
      this.#isAway = false
    })
  }

  override sendCommand(...[command, stream, node]: Parameters<Cluster['sendCommand']>): unknown {
    // Queued for later, commands would pile up for as long as the cluster is away. The client's own question whether it is
    // there again goes through.
    if (this.#isAway && command.name !== 'cluster') {
      command.reject(new Error('The Redis Cluster is away'))
      return command.promise
    }
    command.setTimeout(COMMAND_TIMEOUT_MS)
    return super.sendCommand(command, stream, node)
  }
}
