import { alertDeadLetter, systemClock, transact } from '@servicedesk/core'
import { outbox } from '@servicedesk/db'
import { connectClient, startNode, type TestClient, type TestDesk, type TestNode } from '@servicedesk/testing'
import type t from 'tap'

const REPORT = { title: 'Screen is black', description: 'It was fine yesterday.' }
const of = (id: number) => (payload: { ticket_id?: string | null }) => payload.ticket_id === `TKT-${id}`
const names = (client: TestClient) => client.received.map((each) => each.event)

/** What staff and people are told on a node of what happens on another. */
export async function testTold(test: typeof t, desk: TestDesk, where: string, node: TestNode): Promise<void> {
  const one = await startNode(test, desk)
  const requester = await desk.person('Normal User')
  const agent = await desk.person('Technical User')
  const supervisor = await desk.person('Technical Supervisor')
  const tokenOf = ({ id, sessionId }: typeof agent) => one.app.signAccessToken({ userId: id, sessionId })

  test.test(
    `staff on ${where} are told of every ticket, without numbers; requesters only of theirs`,
    async (t) => {
      const client = await connectClient(t, node.url, tokenOf(supervisor))
      const outsider = await connectClient(t, node.url, tokenOf(await desk.person('Normal User')))
      const { id } = await one.core.tickets.create(requester, REPORT)
      const created = await client.next('new_ticket', of(id))
      t.match(created, {
        ticket_id: `TKT-${id}`,
        title: REPORT.title,
        created_by: requester.id,
      })
      t.notOk('seq' in created, 'it belongs to no log that this client follows')
      t.match(await client.next('new_alert', of(id)), {
        alert_type: 'ticket_created',
        ticket_id: `TKT-${id}`,
        is_read: false,
      })
      await one.core.assignment.assign(supervisor, id, agent.id)
      t.match(await client.next('ticket_assigned', of(id)), {
        assigned_to: agent.id,
        assigned_agent_name: agent.name,
      })
      t.match(await client.next('ticket_status_changed', of(id)), { new_status: 'Open' })
      t.equal((await outsider.ask('request_presence')).ok, true)
      const told = names(outsider).filter((name) => !/presence|connected/.test(name))
      t.same(told, [], 'an outsider hears of nothing')
    },
  )

  test.test(`an alert reaches all devices of its person on ${where}, once, and nobody else's`, async (t) => {
    const devices = [
      await connectClient(t, node.url, tokenOf(agent)),
      await connectClient(t, node.url, tokenOf(agent)),
    ]
    const other = await connectClient(t, node.url, tokenOf(requester))
    const { id } = await one.core.tickets.create(requester, REPORT)
    await one.core.assignment.assign(supervisor, id, agent.id)
    await one.core.messages.post(requester, { ticketId: id, body: 'still black' })
    for (const device of devices) {
      t.match(await device.next('new_alert', of(id)), {
        alert_type: 'assignment',
      })
      t.match(await device.next('new_alert', of(id)), {
        alert_type: 'new_message',
      })
    }
    await one.core.messages.post(agent, { ticketId: id, body: 'I see' })
    t.match(await other.next('new_alert', of(id)), { alert_type: 'new_message', title: /wrote on/ })
    const ours = (client: TestClient) =>
      client.received.filter(
        ({ event, payload }) => event === 'new_alert' && payload.ticket_id === `TKT-${id}`,
      )
    t.same(
      [...devices, other].map((client) => ours(client).length),
      [2, 2, 1],
    )
  })

  test.test(
    `an alert that counts one more on ${where} is told again, and taken up as it is then`,
    async (t) => {
      const admin = await desk.person('System Admin')
      const client = await connectClient(t, node.url, tokenOf(admin))
      const deps = {
        db: desk.db,
        clock: systemClock,
        dispatch: () => undefined,
        publish: one.changes.publish,
      }
      const die = async () => {
        const dead = { queue: 'email', name: `email.send ${where}`, payload: {}, failedAt: new Date() }
        const [row] = await desk.db.insert(outbox).values(dead).returning()
        await transact(deps, (tx) => alertDeadLetter(tx, row?.id ?? '', new Date()))
      }
      const wanted = [/^A job failed/, /^2 jobs failed/, /^3 jobs failed/]
      const alerts = []
      for (const title of wanted) {
        await die()
        const alert = await client.next('new_alert', (told) => title.test(told.title))
        t.match(alert, { alert_type: 'system', is_read: false })
        alerts.push(alert)
      }
      t.equal(new Set(alerts.map(({ id }) => id)).size, 1, 'it is one')
      const instants = alerts.map(({ created_at }) => created_at)
      t.same(instants, instants.toSorted())
      t.not(instants[0], instants[2])
      t.equal(client.received.filter(({ event }) => event === 'new_alert').length, 3, 'each once')
    },
  )

  test.test(
    `who follows a ticket on ${where} is told of a new agent as of every update, beside the numbered event`,
    async (t) => {
      const { id } = await one.core.tickets.create(requester, REPORT)
      const clients = [
        await connectClient(t, node.url, tokenOf(requester)),
        await connectClient(t, node.url, tokenOf(agent)),
      ]
      for (const client of clients) await client.ask('join_ticket', { ticket_id: id })
      await clients[1]?.ask('ticket_update', { ticket_id: id, updates: { assigned_to: agent.id } })
      for (const client of clients) {
        t.match(await client.next('ticket_assigned', of(id)), { assigned_to: agent.id, seq: 2 })
        const { timestamp, ...told } = await client.next('ticket_updated', ({ seq }) => seq === undefined)
        t.match(timestamp, /Z$/)
        t.same(told, {
          ticket_id: `TKT-${id}`,
          updates: { assigned_to: agent.id },
          updated_by: agent.id,
          updated_by_name: agent.name,
        })
      }
      // No staff, who may get the copies as well.
      const late = await connectClient(t, node.url, tokenOf(requester))
      await late.ask('join_ticket', { ticket_id: id, after_seq: 0 })
      await late.next('ticket_updated', ({ seq }) => seq === 3)
      const replayed = late.received.filter(({ event, payload }) => /^ticket_/.test(event) && of(id)(payload))
      t.same(
        replayed
          .map(({ event, payload }) => [event, payload.seq])
          .filter(([event]) => event !== 'ticket_viewers'),
        [
          ['ticket_assigned', 2],
          ['ticket_updated', 3],
        ],
        'it is not replayed',
      )
    },
  )

  test.test(`staff on ${where} are told that a ticket is deleted, and nobody else is`, async (t) => {
    const { id } = await one.core.tickets.create(requester, REPORT)
    const admin = await desk.person('System Admin')
    const outside = await connectClient(t, node.url, tokenOf(agent))
    const joined = await connectClient(t, node.url, tokenOf(admin))
    const theirs = await connectClient(t, node.url, tokenOf(requester))
    await joined.ask('join_ticket', { ticket_id: id })
    await theirs.ask('join_ticket', { ticket_id: id })
    await one.core.tickets.remove(admin, id, undefined)
    const { seq, ...copy } = await joined.next('ticket_updated', of(id))
    t.match(copy, { updates: { deleted: true }, updated_by: admin.id })
    t.equal(seq, 2)
    t.same(await outside.next('ticket_updated', of(id)), copy)
    await theirs.next('left_ticket')
    for (const client of [joined, theirs]) t.equal((await client.ask('request_presence')).ok, true)
    const told = (client: TestClient) => client.received.filter(({ event }) => event === 'ticket_updated')
    t.equal(told(joined).length, 1, 'who follows it gets the numbered event and no copy')
    t.equal(told(theirs).length, 0)
  })

  test.test(`who has joined on ${where} gets the numbered event and no copy of it`, async (t) => {
    const client = await connectClient(t, node.url, tokenOf(supervisor))
    const { id } = await one.core.tickets.create(requester, REPORT)
    await client.next('new_ticket', of(id))
    await client.ask('join_ticket', { ticket_id: id })
    await one.core.assignment.assign(supervisor, id, agent.id)
    t.match(await client.next('ticket_updated', ({ seq }) => seq !== undefined), {
      updates: { status: 'Open' },
      seq: 3,
    })
    t.match(await client.next('ticket_status_changed', of(id)), { new_status: 'Open' })
    t.match(await client.next('ticket_assigned', of(id)), { seq: 2 })
    await one.core.messages.post(requester, { ticketId: id, body: 'still black' })
    await client.next('new_message')
    t.same(
      client.received
        .filter(({ event, payload }) => /^ticket_(assigned|status_changed)$/.test(event) && of(id)(payload))
        .map((each) => each.event),
      ['ticket_assigned', 'ticket_status_changed'],
    )
  })
}
