import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { ScannerSettings } from '@servicedesk/files'
import type { Teardown } from './desk.ts'

/** What it does with a stream: answers to the whole of it, or something a scanner should not do. */
export type ClamdReply =
  | ((content: Buffer) => string | Promise<string>)
  /** Reads, and never answers. */
  | 'hang'
  /** Does not even read. */
  | 'deaf'
  /** Breaks off with the first bytes. */
  | 'cut'
  /** Answers with the first bytes, and breaks off. */
  | { early: string }

/** A clamd by the letter of its protocol that says what a test wants it to say. */
export interface FakeClamd {
  settings: ScannerSettings
  reply: ClamdReply
  /** What arrived whole, in order. */
  scanned: Buffer[]
  /** Bytes that were read of all connections. */
  read(): number
  /** Streams that were begun. */
  begun(): number
  /** Refuses connections until {@link up}. */
  down(): Promise<void>
  up(): Promise<void>
}

/** What clamd answers, without the NUL that ends it. */
export const CLEAN = 'stream: OK'
export const FOUND = 'stream: Fake.Test.Signature FOUND'
export const TOO_LONG = 'INSTREAM size limit exceeded. ERROR'

const COMMAND = 'zINSTREAM\0'

/** Starts it on a free port; it finds everything clean. */
export async function startFakeClamd(t: Teardown): Promise<FakeClamd> {
  const sockets = new Set<Socket>()
  const count = { read: 0, begun: 0 }
  const server = createServer((socket) => {
    sockets.add(socket)
    count.begun += 1
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    serve(socket, clamd, (bytes) => {
      count.read += bytes
    })
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const down = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await listen(0)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  const clamd: FakeClamd = {
    settings: { host: '127.0.0.1', port: address.port },
    reply: () => CLEAN,
    scanned: [],
    read: () => count.read,
    begun: () => count.begun,
    down,
    up: () => listen(address.port),
  }
  t.teardown(down)
  return clamd
}

function serve(socket: Socket, clamd: FakeClamd, count: (bytes: number) => void): void {
  const { reply } = clamd
  if (reply === 'deaf') return void socket.pause()
  let received = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    count(chunk.length)
    if (reply === 'cut') return socket.destroy()
    if (typeof reply === 'object') return socket.end(`${reply.early}\0`)
    received = Buffer.concat([received, chunk])
    const content = contentOf(received)
    if (content === undefined) return
    clamd.scanned.push(content)
    if (reply === 'hang') return
    void Promise.resolve(reply(content)).then((answer) => socket.end(`${answer}\0`))
  })
}

/** The chunks of an INSTREAM command put together; undefined before its end. */
function contentOf(received: Buffer): Buffer | undefined {
  if (received.length >= COMMAND.length && !received.subarray(0, COMMAND.length).equals(Buffer.from(COMMAND)))
    throw new Error(`not INSTREAM: ${received.subarray(0, 40)}`)
  const chunks: Buffer[] = []
  for (let at = COMMAND.length; at + 4 <= received.length; ) {
    const length = received.readUInt32BE(at)
    if (length === 0) return Buffer.concat(chunks)
    chunks.push(received.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return undefined
}
