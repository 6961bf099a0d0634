import { io, type Socket } from 'socket.io-client'

/** One device of a person who looks at a ticket. */
export class Device {
  /** The last number that it has of its ticket. */
  last = 0
  #socket: Socket | undefined
  readonly #waiting: { seq: number; resolve: () => void }[] = []

  constructor(
    readonly url: string,
    readonly token: string,
    readonly ticketId: number,
  ) {}

  /** Connects and joins its ticket with the last number it has. Resolves when the server has let it in. */
  async connect(): Promise<void> {
    const socket = io(this.url, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { token: this.token },
    })
    this.#socket = socket
    socket.onAny((event: string, payload: { seq?: number }) => {
      if (event !== 'joined_ticket' && payload.seq !== undefined) this.#take(payload.seq)
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('connected', () => resolve())
      socket.once('connect_error', reject)
    })
    const request = { ticket_id: this.ticketId, after_seq: this.last }
    const answer = await socket.timeout(60_000).emitWithAck('join_ticket', request)
    if (!answer.ok) throw new Error(`not joined: ${JSON.stringify(answer)}`)
  }

  disconnect(): void {
    this.#socket?.close()
  }

  /** Resolves when it has the event. */
  has(seq: number): Promise<void> {
    if (this.last >= seq) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push({ seq, resolve }))
  }

  #take(seq: number): void {
    if (seq !== this.last + 1) throw new Error(`event ${seq} of ${this.ticketId} came after ${this.last}`)
    this.last = seq
    for (const [n, { seq: wanted, resolve }] of [...this.#waiting.entries()].reverse()) {
      if (wanted > seq) continue
      this.#waiting.splice(n, 1)
      resolve()
    }
  }
}

/** Does something for each, so many at a time. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  use: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items]
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await use(item)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
