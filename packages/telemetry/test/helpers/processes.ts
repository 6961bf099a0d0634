import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Teardown } from '@servicedesk/testing'

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** The built API or worker as a process of its own, once it says that it is ready. */
export async function startApp(
  t: Teardown,
  app: 'api' | 'worker',
  env: Record<string, string>,
): Promise<{ stop(): Promise<number | null> }> {
  const main = fileURLToPath(new URL(`../../../../apps/${app}/dist/main.js`, import.meta.url))
  const child = fork(main, { execArgv: [], env: { PATH: process.env.PATH, ...env } })
  t.teardown(async () => void (await end(child, 'SIGKILL')))
  const [ready] = await Promise.race([once(child, 'message'), once(child, 'exit')])
  if (typeof ready !== 'object') throw new Error(`${app} did not start: ${ready}`)
  return { stop: () => end(child, 'SIGTERM') }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  return child.exitCode
}
