import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the range that systems take outgoing ports from, so that a port stays ours while its server restarts. */
const lowest = 20_000
const highest = 32_000

/** A port nobody listens on at the moment; the caller must be ready to lose a race for it. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(lowest, highest)
    if ((await portProblem(host, port)) === undefined) return port
  }
  throw new Error(`No free port between ${lowest} and ${highest} on ${host}`)
}

/** Why nobody can listen there (EADDRINUSE, EACCES, EADDRNOTAVAIL…), or undefined when it is free. */
export function portProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}
