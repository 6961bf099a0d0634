import { randomUUID } from 'node:crypto'
import type { BusRedis } from './change-bus.ts'
import { followLeases, type LeaseFollower, type LeaseListener } from './lease-follower.ts'
import { KEPT, MOST_AT_ONCE, SWEEP, UPDATE } from './lease-scripts.ts'

/** The leases' key below a deployment's prefix, which carries the hash tag. */
export const leasesKey = (prefix: string) => `${prefix}:presence`

/** In milliseconds; see {@link createLeases}. */
export interface LeaseTimes {
  /** How long a lease outlives its node. */
  leaseMs: number
  /** How often leases are renewed. */
  refreshMs: number
  /** How often it is looked whether something has run out or was lost. */
  pulseMs: number
  /**
   * How long Redis must have answered until the absence of another node's lease means something: the others connect
   * again within a second or two, and put theirs back with their next pulse.
   */
  settleMs: number
}

const TIMES: LeaseTimes = { leaseMs: 10_000, refreshMs: 3_000, pulseMs: 1_000, settleMs: 4_000 }
/** What changes within it goes out together. */
const WINDOW_MS = 5

export interface Leases {
  /** From now on this node holds the lease, until it lets go or dies. Never throws and never waits. */
  hold(lease: string): void
  release(lease: string): void
  /** Tells the other nodes something of the moment; lost while Redis is away. */
  say(text: string): void
  /** Hears of the other nodes, on a connection of its own because reading blocks it. */
  listen(reader: BusRedis, listener: LeaseListener): void
  /** Stops; what is held runs out by itself, which gives its people the time to turn up on another node. */
  close(): Promise<void>
}

/**
 * Leases of many nodes in one sorted set, by when they run out, with a stream that says how it changes; scripts keep the
 * two together. Every node renews its own, ends whatever has run out, and knows what the others hold.
 *
 * A Redis that was away or has lost everything is no reason to take the others for dead: for `settleMs` after it nobody's
 * leases are ended or missed, and meanwhile each node puts its own back.
 * @param options.key of the sorted set
 */
export function createLeases(options: {
  redis: BusRedis
  key: string
  onError: (error: unknown) => void
  times?: Partial<LeaseTimes> | undefined
}): Leases {
  const { redis, key, onError } = options
  const times = { ...TIMES, ...options.times }
  const stream = `${key}:changes`
  const node = randomUUID()
  const held = new Set<string>()
  let unsent = new Map<string, boolean>()
  let timer: NodeJS.Timeout | undefined
  let renewAt = 0
  let settledAt = Date.now() + times.settleMs
  let pulsing: Promise<void> | undefined
  let isClosed = false
  let follower: LeaseFollower | undefined

  const isSettled = () => Date.now() >= settledAt

  /** What Redis holds of this node may be gone, and so may what it holds of the others. */
  function doubt(): void {
    renewAt = 0
    settledAt = Date.now() + times.settleMs
    follower?.compareAt(settledAt)
  }

  function fault(error: unknown): void {
    if (isClosed) return
    onError(error)
    doubt()
  }

  /** @returns how many were not held before, as far as Redis knows */
  async function update(holds: readonly string[], releases: readonly string[]): Promise<number> {
    const all = [...holds, ...releases]
    const sends: Promise<unknown>[] = []
    for (let at = 0; at < all.length; at += MOST_AT_ONCE) {
      const count = Math.max(0, Math.min(MOST_AT_ONCE, holds.length - at))
      const part = all.slice(at, at + MOST_AT_ONCE)
      sends.push(redis.call('EVAL', UPDATE, 2, key, stream, node, times.leaseMs, count, ...part))
    }
    const counts = await Promise.all(sends)
    return counts.reduce<number>((sum, count) => sum + Number(count), 0)
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const changes = [...unsent]
    unsent = new Map()
    const leases = (isHeld: boolean) => changes.filter((each) => each[1] === isHeld).map(([lease]) => lease)
    update(leases(true), leases(false)).catch(fault)
  }

  function change(lease: string, isHeld: boolean): void {
    if (isHeld) held.add(lease)
    else held.delete(lease)
    unsent.set(lease, isHeld)
    timer ??= setTimeout(flush, WINDOW_MS)
  }

  async function renew(): Promise<void> {
    renewAt = Date.now() + times.refreshMs
    const lost = await update(
      [...held].filter((lease) => !unsent.has(lease)),
      [],
    )
    if (lost > 0) doubt()
  }

  /** Whether Redis has forgotten what it was told; one lease stands for all, because they are lost together. */
  async function isForgotten(): Promise<boolean> {
    const [lease] = held
    if (lease === undefined || unsent.has(lease)) return false
    return (await redis.call('ZSCORE', key, `${node} ${lease}`)) === null && held.has(lease)
  }

  async function pulse(): Promise<void> {
    flush()
    if (await isForgotten()) doubt()
    // A node that has closed meanwhile holds nothing on to.
    if (Date.now() >= renewAt && !isClosed) await renew()
    while (isSettled() && !isClosed && (await redis.call('EVAL', SWEEP, 2, key, stream)) === MOST_AT_ONCE);
  }

  const pulses = setInterval(() => {
    pulsing ??= pulse()
      .catch(fault)
      .finally(() => {
        pulsing = undefined
      })
  }, times.pulseMs)
  pulses.unref()

  return {
    hold: (lease) => change(lease, true),
    release: (lease) => change(lease, false),
    say(text) {
      redis.call('XADD', stream, 'MAXLEN', '~', KEPT, '*', '!', `${node} ${text}`).catch(fault)
    },
    listen(reader, listener) {
      const onEnded = (lease: string) => {
        // Taken for dead, because Redis or this process stood still.
        if (held.has(lease) && !isClosed) renew().catch(fault)
      }
      follower = followLeases({ redis: reader, key, stream, node, isSettled, listener, onEnded, fault })
    },
    async close() {
      isClosed = true
      clearInterval(pulses)
      clearTimeout(timer)
      await Promise.all([pulsing, follower?.close()])
    },
  }
}
