import { userRoom } from '@servicedesk/realtime'
import { type DeskServer, socketsIn } from './desk-socket.ts'

/** Gives people who are connected to this node something of theirs, by its id, when it was written or has changed. */
export interface UserDelivery<Id> {
  hear(written: readonly { id: Id; userId: number }[]): void
  close(): void
}

const WINDOW_MS = 5
const RETRY_MS = 1_000

/**
 * Collects for a moment what was heard of, for people who are here, and delivers it together. What could not be delivered,
 * because the database did not answer, is tried again.
 * @param mostKept how many may wait for that
 */
export function createUserDelivery<Id>(deps: {
  io: DeskServer
  mostKept: number
  deliver: (ids: readonly Id[]) => Promise<void>
  onFault: (error: unknown) => void
}): UserDelivery<Id> {
  const { io, mostKept, deliver, onFault } = deps
  let collected = new Set<Id>()
  let timer: NodeJS.Timeout | undefined

  async function flush(): Promise<void> {
    timer = undefined
    const ids = [...collected]
    collected = new Set()
    try {
      await deliver(ids)
    } catch (error) {
      onFault(error)
      collected = new Set([...ids, ...collected].slice(-mostKept))
      timer ??= setTimeout(() => void flush(), RETRY_MS)
    }
  }

  return {
    hear(written) {
      const here = written.filter(({ userId }) => socketsIn(io, userRoom(userId)).length > 0)
      if (here.length === 0) return
      for (const { id } of here) collected.add(id)
      timer ??= setTimeout(() => void flush(), WINDOW_MS)
    },
    close: () => clearTimeout(timer),
  }
}
