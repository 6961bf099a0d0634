import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { freePort } from '@servicedesk/dev'
import { deskEnvironment, startAppProcess, type Teardown, type TestDesk } from '@servicedesk/testing'

/** The built API as a process of its own, on a desk's stores and in its data folder. Resolves when it listens. */
export async function startApi(
  t: Teardown,
  desk: TestDesk,
  shutdownTimeout: number,
): Promise<{ api: ChildProcess; port: number }> {
  const port = await freePort()
  const api = await startAppProcess(t, 'api', {
    ...deskEnvironment(desk),
    JWT_SECRET_KEY: desk.config.secret,
    PORT: String(port),
    HOST: '127.0.0.1',
    SHUTDOWN_TIMEOUT: String(shutdownTimeout),
    LOG_LEVEL: 'warn',
  })
  return { api, port }
}

/** Whether a new connection is refused. */
export async function isRefused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const refused = await once(socket, 'connect').then(
    () => false,
    () => true,
  )
  socket.destroy()
  return refused
}
