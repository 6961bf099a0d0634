import { randomInt } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import {
  connectClient,
  createTestDesk,
  startNode,
  type TestClient,
  type TestNode,
  until,
} from '@servicedesk/testing'
import fc from 'fast-check'
import t from 'tap'

const desk = await createTestDesk(t)
/** Reads of the log take now this and now that long, so that everything meets everything. */
const slow: NonNullable<Parameters<typeof startNode>[2]>['feed'] = (feed) => ({
  ...feed,
  async behind(...asked) {
    await setTimeout(randomInt(4))
    const entries = await feed.behind(...asked)
    await setTimeout(randomInt(12))
    return entries
  },
})
const nodes = [await startNode(t, desk, { feed: slow }), await startNode(t, desk, { feed: slow })] as const
const requester = await desk.person('Normal User')
const agents = [await desk.person('Technical User'), await desk.person('Technical User')] as const
const tokenOf = (actor: typeof requester) =>
  nodes[0].app.signAccessToken({ userId: actor.id, sessionId: actor.sessionId })

/** What a well-behaved client does: it keeps the last number, and joins with it whenever it comes back. */
class Follower {
  last = 0
  seen: { seq: number; event: string; payload: Record<string, unknown> }[] = []
  #client: TestClient | undefined
  /** On a connection that went on by itself, it has joined with a number that was old by then. */
  #mayGetDoubles = false
  /** It has thrown away what came after this number, and waits for the answer to its join. */
  #again: number | undefined

  constructor(
    readonly ticketId: number,
    readonly actor: typeof requester,
  ) {}

  async connect(node: TestNode): Promise<void> {
    this.disconnect()
    this.#mayGetDoubles = false
    const client = await connectClient(t, node.url, tokenOf(this.actor))
    client.socket.onAny((event: string, payload: { seq?: number; ticket_id?: string }) => {
      if (event === 'joined_ticket' && this.#again !== undefined) {
        this.last = this.#again
        this.seen = this.seen.filter(({ seq }) => seq <= this.last)
        this.#again = undefined
      }
      if (payload.seq === undefined || event === 'joined_ticket') return
      if (this.#mayGetDoubles && payload.seq <= this.last) return
      this.seen.push({ seq: payload.seq, event, payload })
      this.last = payload.seq
    })
    this.#client = client
    await client.ask('join_ticket', { ticket_id: this.ticketId, after_seq: this.last })
  }

  /** Loses its connection and comes back, as a phone in a lift; a careful client joins all the same. */
  async cut(joins: boolean): Promise<void> {
    const client = this.#client
    if (client === undefined) return
    const isBack = new Promise((resolve, reject) => {
      client.socket.once('connect', () => resolve(undefined))
      client.socket.once('connect_error', reject)
    })
    client.socket.io.engine.close()
    client.socket.connect()
    await isBack
    this.#mayGetDoubles = joins && client.socket.recovered
    if (joins || !client.socket.recovered)
      await client.ask('join_ticket', { ticket_id: this.ticketId, after_seq: this.last })
  }

  /** Throws away the last of what it has and joins on the same connection, as a page that is shown again. */
  async again(back: number): Promise<void> {
    const client = this.#client
    if (client === undefined) return
    this.#again = Math.max(0, this.last - back)
    await client.ask('join_ticket', { ticket_id: this.ticketId, after_seq: this.#again })
  }

  get isThere(): boolean {
    return this.#client !== undefined
  }

  disconnect(): void {
    this.#client?.close()
    this.#client = undefined
  }
}

type Step =
  | { kind: 'write'; by: 0 | 1; internal: boolean; node: 0 | 1; unheard: boolean }
  | { kind: 'rename'; node: 0 | 1 }
  | { kind: 'leave'; who: number }
  | { kind: 'come'; who: number; node: 0 | 1 }
  | { kind: 'cut'; who: number; joins: boolean }
  | { kind: 'again'; who: number; back: number }

const bit = fc.constantFrom(0 as const, 1 as const)
const who = fc.integer({ min: 0, max: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      by: bit,
      internal: fc.boolean(),
      node: bit,
      unheard: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rename' as const), node: bit }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('come' as const), who, node: bit }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cut' as const), who, joins: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('again' as const), who, back: fc.integer({ min: 0, max: 9 }) }),
  },
)

/** Takes the step without waiting for what came of the one before; comes and goes of one person are in order. */
async function run(steps: readonly Step[]): Promise<void> {
  const created = await nodes[0].core.tickets.create(requester, {
    title: 'Screen is black',
    description: 'It was fine yesterday.',
  })
  const followers = [requester, requester, ...agents].map((actor) => new Follower(created.id, actor))
  const busy = followers.map(() => Promise.resolve())
  const writes: Promise<unknown>[] = []
  for (const each of steps) {
    if (each.kind === 'write') {
      // Unheard: as if the hint was lost, since nobody publishes for the test's own core.
      const core = each.unheard ? desk.core : nodes[each.node].core
      writes.push(
        core.messages.post(agents[each.by], {
          ticketId: created.id,
          body: 'word',
          isInternal: each.internal,
        }),
      )
    } else if (each.kind === 'rename') {
      const title = `Screen ${randomInt(1e9)}`
      writes.push(nodes[each.node].core.tickets.update(agents[0], created.id, { title }, undefined))
    } else {
      const follower = followers[each.who]
      const before = busy[each.who]
      if (follower === undefined || before === undefined) continue
      busy[each.who] = before.then(async () => {
        if (each.kind === 'come') await follower.connect(nodes[each.node])
        else if (each.kind === 'cut') await follower.cut(each.joins)
        else if (each.kind === 'again') await follower.again(each.back)
        else follower.disconnect()
      })
    }
    // Some things happen at once, others one after the other.
    if (randomInt(3) === 0) await writes.at(-1)
  }
  await Promise.all([...writes, ...busy])
  await Promise.all(followers.filter((each) => !each.isThere).map((each) => each.connect(nodes[0])))
  for (const follower of followers) {
    const log = await nodes[0].core.messages.events(follower.actor, created.id, { afterSeq: 0, limit: 1_000 })
    const newest = log.at(-1)?.seq ?? 0
    await until(
      `event ${newest} at ${follower.actor.name}, who has ${follower.last}`,
      async () => follower.last >= newest,
    )
    compare(follower, log)
    follower.disconnect()
  }
}

function compare(
  follower: Follower,
  log: readonly { seq: number; type: string; message_id: number | null }[],
): void {
  const seen = follower.seen.map(({ seq, event, payload }) => [seq, event, payload.id ?? null])
  const wanted = log.map(({ seq, type, message_id }) => [seq, EVENT_OF[type], message_id])
  if (JSON.stringify(seen) !== JSON.stringify(wanted)) {
    throw new Error(
      `${follower.actor.role} saw ${JSON.stringify(seen)}, the log is ${JSON.stringify(wanted)}`,
    )
  }
}

const EVENT_OF: Record<string, string> = {
  ticket_created: 'new_ticket',
  message: 'new_message',
  title_changed: 'ticket_updated',
}

t.test(
  'whoever comes and goes has seen the log in the end, in order, without a gap or a double',
  async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), run), { numRuns: 12 })
  },
)
