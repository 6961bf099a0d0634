import { once } from 'node:events'
import { type Teardown, until } from '@servicedesk/testing'
import { WebSocket } from 'ws'

/** A WebSocket that says what no client library would: packets of Engine.IO and Socket.IO as text or bytes. */
export interface RawSocket {
  send(packet: string | Buffer): void
  /** Every packet received, pings left out. */
  received: string[]
  /** The first packet received that begins so. @throws when the connection ends before */
  next(start: string): Promise<string>
  isClosed(): boolean
  /** The code that the connection was closed with, as soon as it is. */
  closed: Promise<number>
}

/** Opens a connection, which is nobody's yet. */
export async function openRaw(t: Teardown, url: string): Promise<RawSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
  const received: string[] = []
  socket.on('message', (data) => {
    const packet = String(data)
    if (packet !== '2') received.push(packet)
  })
  socket.on('error', () => undefined)
  t.teardown(async () => socket.terminate())
  const closed = once(socket, 'close').then(([code]) => Number(code))
  await once(socket, 'open')
  const isClosed = () => socket.readyState === WebSocket.CLOSED
  return {
    send: (packet) => socket.send(packet),
    received,
    next: (start) =>
      until(`a packet ${start}`, async () => {
        const found = received.find((packet) => packet.startsWith(start))
        if (found === undefined && isClosed())
          throw new Error(`closed before ${start}: ${received.join(' ')}`)
        return found
      }),
    isClosed,
    closed,
  }
}
