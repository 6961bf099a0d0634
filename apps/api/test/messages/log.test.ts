import { type Actor, visibleData } from '@servicedesk/core'
import { ticketEvents, tickets } from '@servicedesk/db'
import { createTestClock, createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, type Send, sender } from '../helpers/send.ts'

interface Entry {
  type: string
  message?: string
  description?: string
  performed_by_name?: string
}
interface LogEvent {
  seq: number
  type: string
  data: Record<string, unknown>
  message?: Record<string, unknown>
}

const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const supervisor = await desk.person('Technical Supervisor', { name: 'Bob Roe' })
const agent = await desk.person('Technical User', { name: 'Ann Lee' })
const own = sender(desk, await desk.person('Normal User', { name: 'Nora Quist' }))
const staff = sender(desk, agent)
const boss = sender(desk, supervisor)

const timeline = async (by: Send, id: number) =>
  (await by('GET', `/messages/ticket/${id}/timeline?include=events`))
    .json()
    .map((each: Entry) => each.message ?? each.description) as string[]
const events = async (by: Send, id: number, query = '') =>
  (await by('GET', `/tickets/${id}/events${query}`)).json() as LogEvent[]

t.test('one order: that of the log, whatever the clocks of the nodes say', async (t) => {
  const { id } = await makeTicket(own)
  await staff('PUT', `/tickets/${id}/status`, { status: 'In Progress' })
  await staff('POST', '/messages', { ticket_id: id, message: 'First' })
  await staff('PUT', `/tickets/${id}/priority`, { priority: 'High', reason: 'The whole floor waits' })
  const { payload, headers } = await form({ ticket_id: `${id}` }, [{ name: 'a.txt', content: 'abc' }])
  const file = (await staff('POST', '/files/upload', payload, headers)).json()
  await own('POST', '/messages', { ticket_id: id, message: 'Second' })
  clock.advance(-3_600_000)
  await staff('POST', `/tickets/${id}/escalate`, { reason: 'It is late' })
  await staff('POST', '/messages', { ticket_id: id, message: 'An hour ago, says this node' })
  clock.advance(3_600_000)
  const said = [
    'Ticket created',
    'Status changed from New to In Progress',
    'First',
    'Priority changed from Medium to High: The whole floor waits',
    'Uploaded file: a.txt (3 B)',
    'Second',
    'Escalated to level 1: It is late',
    'Priority changed from High to Critical',
    'An hour ago, says this node',
  ]
  t.same(await timeline(staff, id), said)
  t.same(
    await timeline(own, id),
    said.filter((text) => !text.startsWith('Escalated')),
  )
  const plain = (await own('GET', `/messages/ticket/${id}/timeline`)).json() as Entry[]
  t.same(
    plain.map((each) => each.message),
    ['First', 'Uploaded file: a.txt (3 B)', 'Second', 'An hour ago, says this node'],
    'without events it is the same order',
  )
  await staff('DELETE', `/files/${file.id}`)
  t.same(
    await timeline(own, id),
    [
      ...said
        .filter((text) => !text.startsWith('Escalated'))
        .map((text) => text.replace('Uploaded file: a.txt (3 B)', 'File uploaded: a.txt')),
      'File deleted: a.txt',
    ],
    'of a file that is gone, that it was there',
  )
})

t.test('staff read why an agent was chosen; requesters do not, in any view', async (t) => {
  const taken = await makeTicket(own)
  await staff('PUT', `/tickets/${taken.id}/assign`, { agent_id: agent.id })
  const given = await makeTicket(own)
  await boss('PUT', `/tickets/${given.id}/assign`, { agent_id: agent.id })
  const chosen = await makeTicket(own)
  await boss('PUT', `/tickets/${chosen.id}/assign`, { agent_id: 'auto' })
  const reasons = [
    [taken.id, 'Ann Lee took it', 'Ann Lee'],
    [given.id, 'Bob Roe chose Ann Lee', 'Bob Roe'],
    [chosen.id, /had \d of at most 10 active tickets, the fewest among 2 available agents/, 'Bob Roe'],
  ] as const
  for (const [id, reason, by] of reasons) {
    const [mine, theirs] = await Promise.all([events(own, id), events(staff, id)])
    const assigned = (log: LogEvent[]) => log.find((each) => each.type === 'assigned')
    t.match(assigned(theirs)?.data, { to_name: String, reason })
    t.same(Object.keys(assigned(mine)?.data ?? {}).sort(), ['to', 'to_name'])
    for (const path of [`/messages/ticket/${id}/timeline?include=events`, `/tickets/${id}/activities`]) {
      const entryOf = async (who: Send) =>
        (await who('GET', path)).json().find((each: Entry) => each.description?.startsWith('Assigned'))
      const name = String(assigned(theirs)?.data.to_name)
      t.match(await entryOf(staff), { description: `Assigned to ${name}: `, performed_by_name: by })
      t.match((await entryOf(staff)).description, reason)
      t.equal((await entryOf(own)).description, `Assigned to ${name}`)
    }
    t.notMatch(JSON.stringify(mine), /took it|chose|active tickets/)
  }
})

t.test('of what requesters do not know they read nothing', (t) => {
  const data = { from: 1, reason: 'secret' }
  t.same(visibleData('assigned', { ...data, to: 2 }, { isStaff: false }), { to: 2 })
  for (const type of ['of_a_newer_release', 'constructor', 'escalated']) {
    t.same(visibleData(type, data, { isStaff: false }), {})
    t.same(visibleData(type, data, { isStaff: true }), data)
  }
  t.end()
})

t.test('an event of a message carries it, for those who read it', async (t) => {
  const { id, ticket_id } = await makeTicket(own)
  const said = (await own('POST', '/messages', { ticket_id: id, message: 'It jams' })).json()
  const note = (
    await staff('POST', '/messages', {
      ticket_id: id,
      message: 'Again',
      is_internal: true,
      reply_to: said.id,
    })
  ).json()
  t.match((await events(staff, id)).slice(1), [
    { type: 'message', message_id: said.id, message: said },
    { type: 'message', message_id: note.id, message: { ...note, is_internal: true, ticket_id } },
  ])
  const mine = await events(own, id)
  t.same(mine.at(-1)?.message, said)
  t.equal(mine.length, 2)
  t.notOk('message' in mine[0]!)
})

/** Writes `many` events, every third of them internal. */
async function fill(by: Actor, id: number, many: number): Promise<void> {
  const row = (seq: number, publicSeq: number | null) => ({ ticketId: id, seq, publicSeq, actorId: by.id })
  const rows = Array.from({ length: many }, (_, n) =>
    row(n + 2, n % 3 === 2 ? null : n + 2 - Math.floor(n / 3)),
  )
  for (let at = 0; at < many; at += 1_000) {
    const part = rows.slice(at, at + 1_000)
    await desk.db
      .insert(ticketEvents)
      .values(part.map((each) => ({ ...each, type: 'category_changed', data: {}, createdAt: clock.now() })))
  }
  await desk.db
    .update(tickets)
    .set({ eventSeq: many + 1 })
    .where(eq(tickets.id, id))
}

t.test('a log of 5,000 events is read to its end, page by page', async (t) => {
  const { id } = await makeTicket(own)
  await fill(agent, id, 5_000)
  for (const [by, limit, count] of [
    [staff, undefined, 5_001],
    [own, 700, 3_335],
  ] as const) {
    const seen: number[] = []
    for (let pages = 0; ; pages += 1) {
      t.ok(pages < 10, 'it ends')
      const query = `?after_seq=${seen.at(-1) ?? 0}${limit === undefined ? '' : `&limit=${limit}`}`
      const page = await events(by, id, query)
      seen.push(...page.map((each) => each.seq))
      if (page.length < (limit ?? 1_000)) break
    }
    t.same(
      seen,
      Array.from({ length: count }, (_, n) => n + 1),
    )
  }
  t.equal((await timeline(own, id)).length, 3_335, 'and so is the timeline')
})

t.test('what is no number of an event, or no number of them, is refused', async (t) => {
  const { id } = await makeTicket(own)
  for (const query of [
    ...['-1', '1.5', 'x', '2147483648', '9'.repeat(30), '1&after_seq=2'].map((value) => `after_seq=${value}`),
    ...['0', '-1', '1001', 'all', '1e9'].map((value) => `limit=${value}`),
    'since=1',
  ]) {
    isProblem(t, await own('GET', `/tickets/${id}/events?${query}`), 400, 'validation_failed')
  }
  t.same(await events(own, id, '?after_seq=2147483647'), [])
  const other = sender(desk, await desk.person('Normal User'))
  isProblem(t, await other('GET', `/tickets/${id}/events`), 404)
})
