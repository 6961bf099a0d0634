import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { freePort } from '@servicedesk/dev'
import { type Teardown, type TestDesk, testServers } from '@servicedesk/testing'

/** The built API as a process of its own, on a desk's stores and in its data folder. Resolves when it listens. */
export async function startApi(
  t: Teardown,
  desk: TestDesk,
  shutdownTimeout: number,
): Promise<{ api: ChildProcess; port: number }> {
  const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
  const port = await freePort()
  const api = spawn(process.execPath, [main], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: desk.url,
      REDIS_URL: testServers().redisUrl,
      REDIS_PREFIX: desk.config.redisPrefix,
      JWT_SECRET_KEY: desk.config.secret,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATA_DIR: desk.config.dataDir,
      SHUTDOWN_TIMEOUT: String(shutdownTimeout),
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  t.teardown(async () => {
    if (api.exitCode === null && api.signalCode === null) {
      api.kill('SIGKILL')
      await once(api, 'exit')
    }
  })
  await once(api, 'message')
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
