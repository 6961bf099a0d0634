import { randomUUID } from 'node:crypto'
import { entriesOf, type StreamEntry } from './stream-entries.ts'

/** What has changed, by ids; the same shape as what transactions note. */
export interface Changes {
  events: readonly { ticketId: number; seq: number }[]
  alerts: readonly { id: number; userId: number; occurrences?: number }[]
  users: readonly number[]
  exports: readonly { id: string; userId: number }[]
}

/** The stream's key below a deployment's prefix, which carries the hash tag. */
export const changesKey = (prefix: string) => `${prefix}:changes`

/** A connection to Redis, single or cluster, that gives up on a command after about a second. */
export interface BusRedis {
  call(command: string, ...args: (string | number)[]): Promise<unknown>
}

export interface ChangeBus {
  /** Tells every node, this one at once; a Redis that is away loses the others' hint, which their polls make good. */
  publish(changes: Changes): void
  /** Hears from now on what every process publishes, on a connection of its own because reading blocks it. */
  listen(redis: BusRedis, hear: (changes: Changes) => void): void
  /** Whether what other processes publish arrives. */
  isHearing(): boolean
  /** Sends what is collected, and stops listening. */
  close(): Promise<void>
}

export interface ChangeBusOptions {
  redis: BusRedis
  /** The stream's key. */
  key: string
  onError: (error: unknown) => void
}

/** Changes of many commits go out together; nobody sees five milliseconds. */
const WINDOW_MS = 5
/** Items of one entry, so that none is large. */
const MOST = 500
/** About as many entries are kept: a node that is away for longer finds out from its poll. */
const KEPT = 10_000
const BLOCK_MS = 500

/** Lists instead of objects: shorter, and the same for all. An alert that stands for one alone is a pair. */
type Packed = {
  e: [number, number][]
  a: [id: number, userId: number, occurrences?: number][]
  u: number[]
  x: [string, number][]
}

/**
 * A Redis stream over which processes tell each other what has changed, by ids. Nothing that people wrote is in it:
 * whoever hears of a change reads it from PostgreSQL, with the rights that hold then.
 */
export function createChangeBus({ redis, key, onError }: ChangeBusOptions): ChangeBus {
  const self = randomUUID()
  let collected: Packed = nothing()
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<unknown> = Promise.resolve()
  let isClosed = false
  let isHearing = false
  let hearOwn: ((changes: Changes) => void) | undefined
  let reading: Promise<void> = Promise.resolve()

  function flush() {
    timer = undefined
    const entries = chunks(collected)
    collected = nothing()
    const sends = entries.map((entry) =>
      redis.call('XADD', key, 'MAXLEN', '~', KEPT, '*', 'by', self, 'changes', JSON.stringify(entry)),
    )
    sending = Promise.all([sending, ...sends]).catch(onError)
  }

  async function readOn(from: BusRedis, hear: (changes: Changes) => void): Promise<void> {
    let last: string | undefined
    while (!isClosed) {
      try {
        last ??= await newestId(from, key)
        const answer = await from.call('xread', 'BLOCK', BLOCK_MS, 'COUNT', 100, 'STREAMS', key, last)
        isHearing = true
        for (const [id, fields] of entriesOf(answer)) {
          last = id
          const changes = fields[1] === self ? undefined : unpack(fields[3])
          if (changes !== undefined) hear(changes)
        }
      } catch (error) {
        isHearing = false
        if (isClosed) return
        onError(error)
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }
  }
  return {
    publish(changes) {
      hearOwn?.(changes)
      collected.e.push(...changes.events.map(({ ticketId, seq }): [number, number] => [ticketId, seq]))
      for (const { id, userId, occurrences } of changes.alerts) {
        collected.a.push(occurrences === undefined ? [id, userId] : [id, userId, occurrences])
      }
      collected.u.push(...changes.users)
      collected.x.push(...changes.exports.map(({ id, userId }): [string, number] => [id, userId]))
      timer ??= setTimeout(flush, WINDOW_MS)
    },
    listen(from, hear) {
      hearOwn = hear
      reading = readOn(from, hear)
    },
    isHearing: () => isHearing,
    async close() {
      isClosed = true
      clearTimeout(timer)
      flush()
      await Promise.all([sending, reading])
    },
  }
}

const nothing = (): Packed => ({ e: [], a: [], u: [], x: [] })

function chunks({ e, a, u, x }: Packed): Packed[] {
  const many = Math.ceil(Math.max(e.length, a.length, u.length, x.length) / MOST)
  const part = <T>(items: T[], n: number) => items.slice(n * MOST, (n + 1) * MOST)
  return Array.from({ length: many }, (_, n) => ({
    e: part(e, n),
    a: part(a, n),
    u: part(u, n),
    x: part(x, n),
  }))
}

function unpack(text: string | undefined): Changes | undefined {
  if (text === undefined) return undefined
  // Processes of the release before say nothing of exports.
  const { e, a, u, x = [] } = JSON.parse(text) as Omit<Packed, 'x'> & Partial<Packed>
  return {
    events: e.map(([ticketId, seq]) => ({ ticketId, seq })),
    alerts: a.map(([id, userId, occurrences]) => ({
      id,
      userId,
      ...(occurrences === undefined ? {} : { occurrences }),
    })),
    users: u,
    exports: x.map(([id, userId]) => ({ id, userId })),
  }
}

async function newestId(redis: BusRedis, key: string): Promise<string> {
  const newest = (await redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)) as StreamEntry[]
  return newest[0]?.[0] ?? '0-0'
}
