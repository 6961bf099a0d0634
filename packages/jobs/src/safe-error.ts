/**
 * What may be said of an error in a log, in Redis and in the outbox. Drizzle's message holds the parameters of the
 * query that failed, which are people's words, addresses and hashes: of such an error only the cause is told.
 */
export function safeMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!error.message.startsWith('Failed query')) return error.message
  return `Failed query: ${error.cause instanceof Error ? error.cause.message : 'unknown reason'}`
}

/** An error for a log: type, code, safe message and where it came from. */
export function safeError(error: unknown): { type: string; message: string; code?: unknown; stack?: string } {
  if (!(error instanceof Error)) return { type: typeof error, message: safeMessage(error) }
  const causes = [error, error.cause].filter(
    (each): each is Error & { code: unknown } => each instanceof Error && 'code' in each,
  )
  // The first lines of a stack repeat the message; the frames do not.
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
  return {
    type: error.name,
    message: safeMessage(error),
    ...(causes[0] === undefined ? {} : { code: causes[0].code }),
    stack: frames.join('\n'),
  }
}

/** The same failure with nothing in it that must not leave the process; for BullMQ, which keeps message and stack. */
export function toSafeError(error: unknown): Error {
  if (error instanceof Error && !error.message.startsWith('Failed query')) return error
  const safe = new Error(safeMessage(error))
  const { stack } = safeError(error)
  if (stack !== undefined) safe.stack = `Error: ${safe.message}\n${stack}`
  return safe
}
