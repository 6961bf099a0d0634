/** An error whose message is written for the person at the terminal: shown as it is, without a stack. */
export class UserError extends Error {
  override name = 'UserError'
}

/** What to print for an error that ended a command. */
export function describeError(error: unknown): string {
  if (error instanceof UserError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
