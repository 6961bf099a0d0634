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

/** Does one thing after the other, each no sooner than the delay at its time: nothing overtakes what came before it. */
function inOrder(delayMs: () => number): (act: () => void) => void {
  const queue: { due: number; act: () => void }[] = []
  let timer: NodeJS.Timeout | undefined
  function pump(): void {
    timer = undefined
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const early = next.due - performance.now()
      if (early > 0) {
        timer = setTimeout(pump, early)
        return
      }
      queue.shift()
      next.act()
    }
  }
  return (act) => {
    queue.push({ due: performance.now() + delayMs(), act })
    if (timer === undefined) pump()
  }
}

/** Stands between a process and a server on this machine. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
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
    const after = inOrder(() => delayMs)
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
