import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Actor } from '@servicedesk/core'
import {
  connectClient,
  createTestDesk,
  deskEnvironment,
  startAppProcess,
  type Teardown,
  type TestClient,
  type TestDesk,
} from '@servicedesk/testing'
import { startApi } from './api-process.ts'

/** One built API process. */
export interface NodeProcess {
  url: string
  process: ChildProcess
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>
  connect(actor: Actor): Promise<TestClient>
  /** A connection that has joined the ticket. */
  look(actor: Actor, ticketId: number): Promise<TestClient>
  /** Sends a request over HTTP and answers its body. @throws for any status but 2xx */
  ask(actor: Actor, method: string, path: string, body?: object): Promise<Record<string, unknown>>
}

export const tokenOf = (desk: TestDesk, actor: Actor) =>
  desk.app.signAccessToken({ userId: actor.id, sessionId: actor.sessionId })

/** Starts one more API process on the desk's stores. */
export async function startNodeProcess(t: Teardown, desk: TestDesk): Promise<NodeProcess> {
  const { api, port } = await startApi(t, desk, 5)
  const url = `http://127.0.0.1:${port}`
  const connect = (actor: Actor) => connectClient(t, url, tokenOf(desk, actor))
  return {
    url,
    process: api,
    async kill() {
      const ended = once(api, 'exit')
      api.kill('SIGKILL')
      await ended
    },
    connect,
    async look(actor, ticketId) {
      const client = await connect(actor)
      const answer = await client.ask('join_ticket', { ticket_id: ticketId })
      if (!answer.ok) throw new Error(answer.error.message)
      return client
    },
    async ask(actor, method, path, body) {
      const response = await fetch(`${url}/api/v1${path}`, { method, ...contentOf(desk, actor, body) })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return text === '' ? {} : JSON.parse(text)
    },
  }
}

function contentOf(desk: TestDesk, actor: Actor, body: object | undefined) {
  const headers = desk.as(actor)
  if (body === undefined) return { headers }
  if (body instanceof FormData) return { headers, body }
  return { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** A desk with two API processes and a worker process, all built. */
export async function startCluster(t: Teardown) {
  const desk = await createTestDesk(t)
  const worker = startAppProcess(t, 'worker', {
    ...deskEnvironment(desk),
    // Nothing listens there: mail waits.
    SMTP_URL: 'smtp://127.0.0.1:9',
    LOG_LEVEL: 'fatal',
  })
  const [one, two] = await Promise.all([startNodeProcess(t, desk), startNodeProcess(t, desk), worker])
  return { desk, one, two }
}
