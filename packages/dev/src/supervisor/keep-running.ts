import { setTimeout as sleep } from 'node:timers/promises'
import { backoff } from './backoff.ts'
import type { RunningService, Service } from './service.ts'

export interface KeepOptions {
  log: (line: string) => void
  /** Told whenever a process of the service has started or ended. */
  changed?: (pid: number | undefined) => void
  /** How often the first start is tried before giving up. */
  firstTries?: number
  /** Working this long makes the next failure a new one. */
  steadyMs?: number
}

export interface KeptService {
  readonly name: string
  pid(): number | undefined
  /** Stops it for good. @returns whether it stopped by itself within the time */
  stop(graceMs?: number): Promise<boolean>
}

/**
 * Starts a service and from then on starts it again whenever it ends, until stopped.
 * @throws the last failure when its first start fails `firstTries` times, or the signal's reason
 */
export async function keepRunning(
  service: Service,
  options: KeepOptions,
  signal: AbortSignal,
): Promise<KeptService> {
  const { log, changed = () => {}, firstTries = 3, steadyMs = 10_000 } = options
  const stopped = new AbortController()
  const giveUp = AbortSignal.any([signal, stopped.signal])
  const waits = backoff()
  let running: RunningService | undefined
  let killed = false

  const launch = async (tries: number): Promise<void> => {
    for (let left = tries; ; left--) {
      giveUp.throwIfAborted()
      try {
        running = await service.launch(giveUp)
        changed(running.pid)
        if (!giveUp.aborted) return
        // Told to stop in the last moment of the start, when launch no longer listened.
        await running.stop(service.stopWithinMs)
        running = undefined
        changed(undefined)
      } catch (error) {
        if (left <= 1 && !giveUp.aborted) throw error
        if (!giveUp.aborted) log(`${service.name} does not start, trying again: ${firstLine(error)}`)
      }
      giveUp.throwIfAborted()
      await sleep(waits.next(), undefined, { signal: giveUp })
    }
  }

  const watch = async (): Promise<void> => {
    while (running) {
      const since = Date.now()
      const how = await running.exited
      running = undefined
      changed(undefined)
      if (stopped.signal.aborted) return
      if (Date.now() - since >= steadyMs) waits.reset()
      log(`${service.name} ended (${how}), starting it again`)
      await sleep(waits.next(), undefined, { signal: stopped.signal })
      await launch(Number.POSITIVE_INFINITY)
      log(`${service.name} runs again`)
    }
  }

  await launch(firstTries)
  // It can only end by being stopped: everything else is tried again.
  const watching = watch().catch(() => {})
  return {
    name: service.name,
    pid: () => running?.pid,
    stop: async (graceMs = service.stopWithinMs) => {
      stopped.abort()
      if (running && !(await running.stop(graceMs))) killed = true
      await watching
      return !killed
    },
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
