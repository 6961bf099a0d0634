import type { RedisClient } from '@servicedesk/jobs'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { Adapter } from 'socket.io-adapter'
import type { LostConnections } from './lost-connections.ts'

/** Whose rejections the adapter leaves unhandled; each would end the process when Redis is slow for a second. */
const UNGUARDED = ['subscribe', 'publish', 'set'] as const

/**
 * The Redis streams adapter: what is sent to a room reaches it on every node. Of ours nothing takes that way by now, since
 * each node reads numbered events from the log and hears of presence by the leases; what is for one socket never does.
 * @param prefix of the keys, with the hash tag of a cluster
 */
export function createStreamsAdapter(
  redis: RedisClient,
  prefix: string,
  onError: (error: unknown) => void,
  lost: LostConnections,
): ReturnType<typeof createAdapter> {
  const create = createAdapter(guarded(redis, onError), {
    streamName: `${prefix}:socket.io`,
    channelPrefix: `${prefix}:socket.io`,
    // Shorter than the connection's limit for a command.
    blockTimeInMs: 500,
    onlyPlaintext: true,
  })
  // Its own recovery keeps and replays what went through the stream: ours takes its place. No arrow function, because
  // Socket.IO calls it with `new`.
  function adapterOf(namespace: unknown) {
    const adapter = create(namespace)
    const toEveryNode: Broadcast = adapter.broadcast.bind(adapter)
    const toThisNode: Broadcast = Adapter.prototype.broadcast.bind(adapter)
    const broadcast: Broadcast = (packet, options) => {
      const [room, ...more] = options.rooms
      // With recovery Socket.IO would send what is for one socket through Redis, too.
      const isOneOfOurs = more.length === 0 && room !== undefined && adapter.sids.has(room)
      return isOneOfOurs ? toThisNode(packet, options) : toEveryNode(packet, options)
    }
    return Object.assign(adapter, {
      broadcast,
      persistSession: lost.keep,
      restoreSession: lost.find,
      addOffsetIfNecessary: () => undefined,
    })
  }
  return adapterOf
}

type Broadcast = Adapter['broadcast']

/**
 * A client whose forgotten commands fail quietly, and whose duplicates do.
 * @param onError gets why they failed
 */
export function guarded(redis: RedisClient, onError: (error: unknown) => void): RedisClient {
  return new Proxy(redis, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      const call = (...args: unknown[]): unknown => Reflect.apply(member, target, args)
      if (name === 'duplicate')
        return () => guarded(subscribingAgain(call() as RedisClient, onError), onError)
      if (!UNGUARDED.some((each) => each === name)) return call
      return (...args: unknown[]) => Promise.resolve(call(...args)).catch(onError)
    },
  })
}

/** After a reconnection ioredis subscribes by itself, and forgets its own promise: a Redis that goes at once would end the process. */
function subscribingAgain(redis: RedisClient, onError: (error: unknown) => void): RedisClient {
  const subscribe = redis.subscribe.bind(redis) as (...args: unknown[]) => Promise<unknown>
  return Object.assign(redis, {
    subscribe: (...args: unknown[]) => {
      const answer = subscribe(...args)
      answer.catch(onError)
      return answer
    },
  })
}
