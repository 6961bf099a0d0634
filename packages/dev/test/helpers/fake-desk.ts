import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerTo } from './fake-desk-answers.ts'

export interface FakeTicket {
  id: number
  key: string
  title: string
  description: string
  created_at: string
  fields: Record<string, unknown>
  /** The name of its photograph. */
  photo: string | undefined
}

/** What happens to a POST of a ticket instead of its answer: the connection breaks before or after it is made. */
export type Fault = 'reset' | 'lose' | { status: number; headers?: Record<string, string>; body?: object }

export interface FakeDesk {
  url: string
  tickets: FakeTicket[]
  /** The keys of all attempts to make a ticket, in order. */
  attempts: string[]
  /** Decides what goes wrong with an attempt; `nth` counts those under the same key from 1. */
  fault: (ticket: { title: string }, nth: number) => Fault | undefined
  /** The figures of the pipeline each time they are asked for. */
  figures: () => object
  /** What became of a ticket. */
  assignment: (ticket: FakeTicket) => object | undefined
  thumbnailStatus: number
  /** Answers instead of the desk, by method and path. */
  overrides: Map<string, { status: number; body: object }>
  /** What else it answers, undefined where it knows nothing; asked before the desk itself. */
  extension: (
    route: string,
    query: URLSearchParams,
    body: Buffer,
  ) => { status: number; body?: object } | undefined
  /** Told of every new ticket. */
  onCreated: (ticket: FakeTicket) => void
}

export const DRAINED = {
  owed: 0,
  dead: 0,
  mails_queued: 0,
  mails_sent: 0,
  mails_failed: 0,
  mails_discarded: 0,
  thumbnails_pending: 0,
}
const AGENTS = ['Ada', 'Bob', 'Cyd']

/** An API as far as a replay needs one, on a port of its own, that misbehaves when told to. */
export async function startFakeDesk(t: {
  teardown(cleanUp: () => Promise<void>): unknown
}): Promise<FakeDesk> {
  const desk: FakeDesk = {
    url: '',
    tickets: [],
    attempts: [],
    fault: () => undefined,
    figures: () => DRAINED,
    assignment: ({ id, created_at }) => ({
      assigned_to: 10 + (id % AGENTS.length),
      assigned_agent_name: AGENTS[id % AGENTS.length],
      since: new Date(Date.parse(created_at) + id).toISOString(),
    }),
    thumbnailStatus: 200,
    overrides: new Map(),
    extension: () => undefined,
    onCreated: () => undefined,
  }
  const server = createServer((request, response) => void respond(desk, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  desk.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.teardown(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  return desk
}

async function respond(desk: FakeDesk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const answer = await answerTo(desk, request, Buffer.concat(chunks))
  if (answer === 'reset') return void request.socket.destroy()
  const type =
    answer.status === 200 && request.url?.endsWith('/thumbnail') ? 'image/webp' : 'application/json'
  response.writeHead(answer.status, { 'content-type': type, ...answer.headers })
  response.end(JSON.stringify(answer.body ?? {}))
}
