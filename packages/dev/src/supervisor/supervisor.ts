import { type KeptService, keepRunning } from './keep-running.ts'
import type { Service } from './service.ts'

export interface Supervisor {
  /** Starts a service and keeps it running. Throws as keepRunning does. */
  start(service: Service): Promise<void>
  /** The pids of what runs now, by name. */
  pids(): Record<string, number>
  /**
   * Stops everything, in the order given to createSupervisor, within the sum of the services' times.
   * @returns the names of those that had to be killed
   */
  stop(): Promise<string[]>
  /** Makes a stop that is under way immediate: no more patience with anything. */
  force(): void
}

export interface SupervisorOptions {
  /** Names, first to stop first. */
  stopOrder: readonly string[]
  log: (line: string) => void
  /** Told whenever a process has started or ended. */
  changed?: (pids: Record<string, number>) => void
  signal: AbortSignal
}

/** Keeps a set of services running, and stops them in order. */
export function createSupervisor({
  stopOrder,
  log,
  changed = () => {},
  signal,
}: SupervisorOptions): Supervisor {
  const kept = new Map<string, KeptService>()
  const pids: Record<string, number> = {}
  let forced = false

  const place = (name: string) => stopOrder.indexOf(name)
  const remaining = () => [...kept.values()].sort((a, b) => place(a.name) - place(b.name))

  return {
    async start(service) {
      const note = (pid: number | undefined) => {
        if (pid === undefined) delete pids[service.name]
        else pids[service.name] = pid
        changed({ ...pids })
      }
      kept.set(service.name, await keepRunning(service, { log, changed: note }, signal))
    },
    pids: () => ({ ...pids }),
    async stop() {
      const killed: string[] = []
      for (const service of remaining()) {
        const clean = await service.stop(forced ? 0 : undefined)
        if (!clean) killed.push(service.name)
        kept.delete(service.name)
      }
      return killed
    },
    force() {
      forced = true
      for (const service of kept.values()) void service.stop(0)
    },
  }
}
