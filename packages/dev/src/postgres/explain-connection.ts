import { UserError } from '../user-error.ts'

/** Failures to connect, which whoever set DATABASE_URL can mend: of the network, and PostgreSQL's of signing in. */
const connecting = /^(E[A-Z]+|CONNECT_TIMEOUT|CONNECTION_.*|28\w{3}|3D000)$/

/**
 * Does work on a database.
 * @throws UserError of one sentence when it cannot be reached or entered
 */
export async function explainConnection<R>(databaseUrl: string, work: () => Promise<R>): Promise<R> {
  try {
    return await work()
  } catch (error) {
    const cause = connectionProblem(error)
    if (cause === undefined) throw error
    throw new UserError(`The database at ${new URL(databaseUrl).host} cannot be used: ${cause}.`)
  }
}

function connectionProblem(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (connecting.test(code)) return error.message || code
  return connectionProblem(error.cause)
}
