import { connectClient, createTestDesk, startNode, type TestClient } from '@servicedesk/testing'
import t from 'tap'

const desk = await createTestDesk(t)
/** What the node does before it has looked at a ticket that is joined. */
let onLook: () => Promise<unknown> = async () => undefined
const node = await startNode(t, desk, {
  feed: (feed) => ({
    ...feed,
    async open(...asked) {
      const start = await feed.open(...asked)
      await onLook()
      return start
    },
  }),
})
const requester = await desk.person('Normal User')
const agent = await desk.person('Technical User')
const tokenOf = ({ id, sessionId }: typeof agent) => node.app.signAccessToken({ userId: id, sessionId })
const say = (ticketId: number, body: string, isInternal = false) =>
  node.core.messages.post(agent, { ticketId, body, isInternal })

/** A ticket with two public messages and a note: four events for requesters, five for staff. */
async function newTicket(): Promise<number> {
  const report = { title: 'Screen is black', description: 'It was fine yesterday.' }
  const { id } = await node.core.tickets.create(requester, report)
  for (const body of ['one', 'two', 'three']) await say(id, body, body === 'two')
  return id
}

/** Somebody who has joined the ticket and has got its last event. */
async function joined(actor: typeof agent, id: number): Promise<TestClient> {
  const client = await connectClient(t, node.url, tokenOf(actor))
  await client.ask('join_ticket', { ticket_id: id, after_seq: 1 })
  await client.next('new_message', ({ message }) => message === 'three')
  client.received.splice(0)
  return client
}

const hears = (client: TestClient, body: string) =>
  client.next('new_message', ({ message }) => message === body)
/** What came since, by event and number, `joined_ticket` without its own. */
const story = (client: TestClient) =>
  client.received
    .filter(({ event, payload }) => event === 'joined_ticket' || payload?.seq !== undefined)
    .map(({ event, payload }) => (event === 'joined_ticket' ? 'joined' : payload.seq))

t.test(
  'who has joined and joins with a number gets all behind it, in order and in their numbers',
  async (t) => {
    const id = await newTicket()
    const [theirs, ours] = [await joined(requester, id), await joined(agent, id)]
    t.same(await theirs.ask('join_ticket', { ticket_id: id, after_seq: 1 }), { ok: true })
    t.same(await ours.ask('join_ticket', { ticket_id: id, after_seq: 0 }), { ok: true })
    await say(id, 'four')
    for (const client of [theirs, ours]) await hears(client, 'four')
    t.same(story(theirs), ['joined', 2, 3, 4])
    t.same(story(ours), ['joined', 1, 2, 3, 4, 5])
  },
)

t.test('without a number, or with the newest, nothing is sent again', async (t) => {
  const id = await newTicket()
  const client = await joined(agent, id)
  await client.ask('join_ticket', { ticket_id: id })
  await client.ask('join_ticket', { ticket_id: id, after_seq: 4 })
  await say(id, 'four')
  await hears(client, 'four')
  t.same(story(client), ['joined', 'joined', 5])
})

t.test('what happens while a ticket is joined again is in its replay, once', async (t) => {
  const id = await newTicket()
  const [client, bystander] = [await joined(agent, id), await joined(agent, id)]
  for (const after_seq of [1, undefined]) {
    const word = `meanwhile, after ${after_seq}`
    onLook = async () => {
      onLook = async () => undefined
      await say(id, word)
      await hears(bystander, word)
    }
    await client.ask('join_ticket', { ticket_id: id, ...(after_seq === undefined ? {} : { after_seq }) })
    await hears(client, word)
  }
  await say(id, 'the end')
  await hears(client, 'the end')
  t.same(story(client), ['joined', 2, 3, 4, 5, 'joined', 6, 7])
})

t.test('a join that fails leaves who has joined where they are', async (t) => {
  const id = await newTicket()
  const [client, bystander] = [await joined(agent, id), await joined(agent, id)]
  onLook = async () => {
    onLook = async () => undefined
    await say(id, 'meanwhile')
    await hears(bystander, 'meanwhile')
    throw new Error('made by the test')
  }
  t.match(await client.ask('join_ticket', { ticket_id: id, after_seq: 1 }), {
    ok: false,
    error: { code: 'internal_error' },
  })
  await hears(client, 'meanwhile')
  await say(id, 'the end')
  await hears(client, 'the end')
  t.same(story(client), [5, 6])
})
