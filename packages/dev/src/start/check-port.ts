import { freePort, portProblem } from '../process/ports.ts'
import { UserError } from '../user-error.ts'

/**
 * The port to listen on: the wished one, or a free one for 0.
 * @throws UserError when nobody can listen there
 */
export async function checkPort(host: string, port: number): Promise<number> {
  const problem = await portProblem(host, port)
  if (problem === undefined) return port === 0 ? freePort(host) : port
  if (problem === 'EADDRINUSE') {
    throw new UserError(
      `Port ${port} on ${host} is taken by another program: stop it, or set PORT to another port.`,
    )
  }
  throw new UserError(
    `ServiceDesk cannot listen on ${host} port ${port} (${problem}): set HOST and PORT to an address of this machine.`,
  )
}
