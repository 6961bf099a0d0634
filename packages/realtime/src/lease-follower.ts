import type { BusRedis } from './change-bus.ts'
import { SNAPSHOT } from './lease-scripts.ts'
import { entriesOf } from './stream-entries.ts'

export interface LeaseListener {
  /** Another node holds the lease now, or no more. */
  changed(lease: string, node: string, isHeld: boolean): void
  /** Another node has said something. */
  said(text: string): void
}

export interface LeaseFollower {
  /** Looks at everything anew, now and again at that time, when what is missing then is missed. */
  compareAt(time: number): void
  close(): Promise<void>
}

const BLOCK_MS = 500
const PAUSE_MS = 200
/** Everything is compared so often, whatever was heard. */
const COMPARE_MS = 30_000

/** Reads what other nodes hold, and from there on how it changes. */
export function followLeases(options: {
  redis: BusRedis
  key: string
  stream: string
  /** This one. */
  node: string
  /** Whether what is not there is gone. */
  isSettled: () => boolean
  listener: LeaseListener
  /** A lease of this node's was ended, by it or by another. */
  onEnded: (lease: string) => void
  fault: (error: unknown) => void
}): LeaseFollower {
  const { redis, key, stream, node, isSettled, listener, onEnded, fault } = options
  const others = new Set<string>()
  let compareAgainAt = 0
  let isDue = true
  let isClosed = false

  function take(what: string | undefined, entry: string): void {
    const at = entry.indexOf(' ')
    const [from, text] = [entry.slice(0, at), entry.slice(at + 1)]
    if (from === node) {
      if (what === '-') onEnded(text)
    } else if (what === '!') {
      listener.said(text)
    } else if (what === '+' ? !others.has(entry) : others.delete(entry)) {
      if (what === '+') others.add(entry)
      listener.changed(text, from, what === '+')
    }
  }

  /** @returns the stream's newest id as of the look */
  async function compare(): Promise<string> {
    const isComplete = isSettled()
    isDue = false
    if (isComplete) compareAgainAt = Date.now() + COMPARE_MS
    const [id, entries] = (await redis.call('EVAL', SNAPSHOT, 2, key, stream)) as [string, string[]]
    const now = new Set(entries)
    for (const entry of now) take('+', entry)
    if (isComplete) for (const entry of others) if (!now.has(entry)) take('-', entry)
    return id
  }

  async function readOn(): Promise<void> {
    let last = ''
    while (!isClosed) {
      try {
        if (last === '' || isDue || Date.now() >= compareAgainAt) {
          const newest = await compare()
          // An id from before a flush might never be reached again. Otherwise nothing is skipped: said is said.
          if (last === '' || isBefore(newest, last)) last = newest
        }
        const answer = await redis.call('XREAD', 'BLOCK', BLOCK_MS, 'COUNT', 100, 'STREAMS', stream, last)
        for (const [id, fields] of entriesOf(answer)) {
          last = id
          for (let at = 0; at < fields.length; at += 2) take(fields[at], fields[at + 1] ?? '')
        }
      } catch (error) {
        if (isClosed) return
        fault(error)
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
    }
  }

  const reading = readOn()
  return {
    compareAt(time) {
      isDue = true
      compareAgainAt = time
    },
    async close() {
      isClosed = true
      await reading
    },
  }
}

/** Of ids of a stream: milliseconds and a number. */
function isBefore(a: string, b: string): boolean {
  const [[ms = 0, n = 0] = [], [otherMs = 0, otherN = 0] = []] = [a, b].map((id) => id.split('-').map(Number))
  return ms < otherMs || (ms === otherMs && n < otherN)
}
