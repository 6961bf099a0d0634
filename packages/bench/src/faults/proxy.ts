import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'

/** A TCP connection's way that can be cut and slowed. */
export interface TcpProxy {
  readonly port: number
  /** Breaks what is open and refuses what comes, until mended. */
  cut(): void
  /** Holds every piece back for so long in each direction, until mended. Order is kept. */
  slow(delayMs: number): void
  mend(): void
  close(): Promise<void>
}

/** Stands between a process and a server on this machine. */
export async function startProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let isCut = false
  let delayMs = 0

  const server = createServer((client) => {
    client.on('error', () => undefined)
    if (isCut) return client.resetAndDestroy()
    const upstream = createConnection(targetPort, '127.0.0.1')
    upstream.on('error', () => undefined)
    pass(client, upstream)
    pass(upstream, client)
  })

  function pass(from: Socket, to: Socket): void {
    sockets.add(from)
    from.setNoDelay(true)
    // A piece never overtakes the one before it, also when the delay has just ended.
    let clear = 0
    const after = (act: () => void) => {
      clear = Math.max(clear, performance.now() + delayMs)
      const wait = clear - performance.now()
      if (wait <= 0) act()
      else setTimeout(act, wait)
    }
    from.on('data', (piece) =>
      after(() => {
        if (!to.destroyed && !to.write(piece)) {
          from.pause()
          to.once('drain', () => from.resume())
        }
      }),
    )
    from.on('end', () => after(() => to.end()))
    from.on('close', () => {
      sockets.delete(from)
      // What is still held back is of no use to a process that is dead, but one that closed in order meant it.
      after(() => to.destroy())
    })
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true
      breakAll()
    },
    slow(ms) {
      delayMs = ms
    },
    mend() {
      isCut = false
      delayMs = 0
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      breakAll()
      await closed
    },
  }
}
