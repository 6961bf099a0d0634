import { readdirSync, readFileSync } from 'node:fs'
import { clearScratch, makeScratch, postgresDir, startPostgres, throwawaySettings } from '@servicedesk/dev'
import type { Teardown } from '../desk.ts'

/** A PostgreSQL that a test may do anything to. */
export interface OwnPostgres {
  /** Of an empty database. */
  readonly url: string
  /** kill -9 of it and all its sessions; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on its port; what was committed is there. */
  start(): Promise<void>
  /** SIGSTOP to it and all its sessions: connections stay open and nothing answers. */
  freeze(): void
  thaw(): void
}

/** A PostgreSQL of a test's own, gone with the test; a killed test's is cleared by the next run. */
export async function startOwnPostgres(t: Teardown): Promise<OwnPostgres> {
  const scratch = makeScratch()
  // It may be killed, and what was committed must be there then; only a crash of the machine may forget it.
  const settings = { ...throwawaySettings, synchronous_commit: 'on' }
  const options = { dataDir: postgresDir(scratch), settings, log: () => undefined }
  let server = await startPostgres(options)
  const { url, port } = server
  const signal = (name: NodeJS.Signals) => {
    for (const pid of [server.pid, ...childrenOf(server.pid)]) process.kill(pid, name)
  }
  t.teardown(async () => {
    signal('SIGCONT')
    await clearScratch(scratch)
  })
  return {
    url,
    async kill() {
      signal('SIGKILL')
      await server.exited
    },
    async start() {
      server = await startPostgres({ ...options, port })
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
  }
}

/** Every session of PostgreSQL is a process of its own. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        // The second field behind the name, which may hold anything but ends with the last parenthesis.
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent
      } catch {
        return false
      }
    })
    .map(Number)
}
