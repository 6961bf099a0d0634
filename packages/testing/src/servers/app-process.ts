import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { repositoryRoot } from '@servicedesk/dev'
import type { Teardown, TestDesk } from '../desk.ts'
import { testServers } from '../environment.ts'

/**
 * The built API or worker as a process of its own, killed with the test; `npm run test:system` builds before.
 * Resolves when the process says that it is ready.
 * @param env all of its environment but the PATH
 * @throws when it ends before
 */
export async function startAppProcess(
  t: Teardown,
  app: 'api' | 'worker',
  env: Record<string, string>,
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(repositoryRoot, 'apps', app, 'dist', 'main.js')], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const [ready] = await Promise.race([once(child, 'message'), ended])
  if (typeof ready !== 'object' || ready === null)
    throw new Error(`the ${app} ended before it was ready: ${ready}`)
  return child
}

/** What points a process to a desk's stores, folder and scanner. */
export function deskEnvironment(desk: TestDesk): Record<string, string> {
  const { scanner } = desk.config
  return {
    DATABASE_URL: desk.url,
    REDIS_URL: testServers().redisUrl,
    REDIS_PREFIX: desk.config.redisPrefix,
    DATA_DIR: desk.config.dataDir,
    MAIL_GROUP_SECONDS: String(desk.config.mailGroupSeconds),
    ...(scanner === undefined ? {} : { CLAMD_URL: `tcp://${scanner.host}:${scanner.port}` }),
  }
}
