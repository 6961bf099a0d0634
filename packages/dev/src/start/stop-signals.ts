/** npm hands on the Ctrl-C that the terminal sends to us as well; such an echo must not count as a second signal. */
const echoMs = 1_000

/** Calls `first` for the first signal to stop, and `again` for one that comes later, when somebody has lost patience. */
export function onStopSignal(first: (signal: NodeJS.Signals) => void, again: () => void): void {
  let stoppedAt: number | undefined
  const handle = (signal: NodeJS.Signals) => {
    if (stoppedAt === undefined) {
      stoppedAt = Date.now()
      first(signal)
    } else if (Date.now() - stoppedAt > echoMs) {
      again()
    }
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, handle)
}
