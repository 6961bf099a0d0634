import type { DeskSocket } from './desk-socket.ts'

/** Packets that wait for a client before it is given no more of a replay, and before it is cut off. */
const MUCH = 100
const TOO_MUCH = 5_000

/** How much a client is behind with reading: what Socket.IO holds in memory for it. */
export interface Backlog {
  /** Resolves when it has read most of it, or is gone. */
  drained(): Promise<void>
}

const backlogs = new WeakMap<DeskSocket, Backlog>()

/**
 * Counts what waits for a client, and calls `tooSlow` once for one that does not read: it may come back and get what it
 * missed, which costs the node nothing in the meantime.
 */
export function watchBacklog(socket: DeskSocket, tooSlow: () => void): void {
  let waiting = 0
  let resume: (() => void)[] = []
  const go = () => {
    for (const each of resume) each()
    resume = []
  }
  socket.conn.on('packetCreate', () => {
    waiting += 1
    if (waiting === TOO_MUCH) tooSlow()
  })
  // Handed to the transport as a whole, which happens when it has sent what it had before.
  socket.conn.on('flush', () => {
    waiting = 0
    go()
  })
  socket.conn.on('close', go)
  backlogs.set(socket, {
    drained: () =>
      waiting < MUCH || socket.disconnected
        ? Promise.resolve()
        : new Promise((resolve) => resume.push(resolve)),
  })
}

export const drained = (socket: DeskSocket): Promise<void> =>
  backlogs.get(socket)?.drained() ?? Promise.resolve()
