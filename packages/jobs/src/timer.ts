import type { Logger } from './once.ts'

export interface Timer {
  /** Stops and waits for a turn that is under way. */
  stop(): Promise<void>
}

/**
 * Runs `turn` now and then again `periodMs` after each end, so that turns never overlap. A turn that throws is
 * logged once per kind of error, not once a second, and tried again.
 */
export function startTimer(name: string, periodMs: number, log: Logger, turn: () => Promise<unknown>): Timer {
  let stopped = false
  let lastError = ''
  let wake: () => void = () => undefined

  async function loop() {
    while (!stopped) {
      try {
        await turn()
        if (lastError !== '') log.info({ timer: name }, 'recovered')
        lastError = ''
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        if (message !== lastError) log.warn({ timer: name, err: error }, 'turn failed, will try again')
        lastError = message
      }
      if (stopped) return
      await new Promise<void>((resolve) => {
        const timeout = setTimeout(resolve, periodMs)
        wake = () => {
          clearTimeout(timeout)
          resolve()
        }
      })
    }
  }

  const running = loop()
  return {
    async stop() {
      stopped = true
      wake()
      await running
    },
  }
}
