import type { Acknowledgement } from '@servicedesk/realtime'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import type { Teardown } from '../desk.ts'

/** Something that a client received. */
export interface Received {
  event: string
  // biome-ignore lint/suspicious/noExplicitAny: a test names what it expects.
  payload: any
}

export interface TestClient {
  socket: Socket
  /** Everything received, in order. */
  received: Received[]
  /** The first event of the name that fits and was not answered before, as soon as it is there. @throws after 10 s */
  next(event: string, fits?: (payload: Received['payload']) => boolean): Promise<Received['payload']>
  /** Sends a request and answers its acknowledgement. */
  ask(event: string, payload?: unknown): Promise<Acknowledgement>
  close(): void
}

const PATIENCE_MS = 10_000

/** A real client, not yet connected where the server refuses it: `connect_error` is what it receives then. */
export function openClient(
  t: Teardown,
  url: string,
  token: string | undefined,
  options: Partial<ManagerOptions & SocketOptions> = {},
): TestClient {
  const socket = io(url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    ...(token === undefined ? {} : { auth: { token } }),
    ...options,
  })
  const received: Received[] = []
  const taken = new Set<Received>()
  const waiting = new Set<() => void>()
  const take = (event: string, payload: unknown) => {
    received.push({ event, payload })
    for (const look of waiting) look()
  }
  socket.onAny((event: string, payload: unknown) => take(event, payload))
  socket.on('connect_error', (error) => take('connect_error', error))
  socket.on('disconnect', (reason) => take('disconnect', reason))
  const close = () => void socket.close()
  t.teardown(async () => close())

  return {
    socket,
    received,
    next: (event, fits = () => true) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look)
          reject(new Error(`no ${event} came; there were ${received.map((each) => each.event).join(', ')}`))
        }, PATIENCE_MS)
        function look() {
          const found = received.find(
            (each) => each.event === event && !taken.has(each) && fits(each.payload),
          )
          if (found === undefined) return
          taken.add(found)
          waiting.delete(look)
          clearTimeout(timer)
          resolve(found.payload)
        }
        waiting.add(look)
        look()
      }),
    ask: (event, payload) =>
      socket.timeout(PATIENCE_MS).emitWithAck(event, ...(payload === undefined ? [] : [payload])),
    close,
  }
}

/** Opens a client and waits until the server has let it in. */
export async function connectClient(
  t: Teardown,
  url: string,
  token: string,
  options?: Partial<ManagerOptions & SocketOptions>,
): Promise<TestClient> {
  const client = openClient(t, url, token, options)
  await client.next('connected')
  return client
}
