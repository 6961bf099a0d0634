import { fork } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '@servicedesk/dev'
import type { FloorRoute, FloorSettings } from './floor-process.ts'

export interface FloorServer {
  url: string
  stop(): Promise<void>
}

/** Starts the floor of requests as a process of its own. @throws Error when it ends instead */
export async function startFloor(settings: Omit<FloorSettings, 'port'>): Promise<FloorServer> {
  const port = await freePort()
  const child = fork(new URL('./floor-process.js', import.meta.url))
  const ended = once(child, 'exit')
  child.send({ ...settings, port } satisfies FloorSettings)
  await Promise.race([
    once(child, 'message'),
    ended.then(() => {
      throw new Error('the floor of requests did not start')
    }),
  ])
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.disconnect()
      await ended
    },
  }
}

export type { FloorRoute }
