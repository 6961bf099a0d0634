import { slaClocks } from '@servicedesk/db'
import { openClient, type TestClient, until } from '@servicedesk/testing'
import { and, eq } from 'drizzle-orm'
import t from 'tap'
import { startCluster } from '../helpers/cluster.ts'
import { PNG } from '../helpers/pictures.ts'
import { A_TICKET } from '../helpers/send.ts'

// Every row of contract.md's Realtime table: what happens on one node, or in the worker, is received on the other.
const { desk, one, two } = await startCluster(t)
const requester = await desk.person('Normal User', { name: 'Rita Requester' })
const agent = await desk.person('Technical User', { name: 'Ann Agent' })
const supervisor = await desk.person('Technical Supervisor', { name: 'Susan Supervisor' })
const admin = await desk.person('System Admin')
await desk.db.execute(`update agents set is_available = user_id = ${agent.id}`)

async function newTicket(): Promise<number> {
  const { ticket_id } = await one.ask(requester, 'POST', '/tickets', A_TICKET)
  const id = Number(String(ticket_id).replace('TKT-', ''))
  await until('the worker to assign it', async () => {
    const { assigned_to } = await one.ask(admin, 'GET', `/tickets/${id}`)
    return assigned_to === agent.id
  })
  return id
}
const isTime = /^\d{4}-\d\d-\d\dT.*Z$/
const names = (client: TestClient) => client.received.map(({ event }) => event)

t.test('connect', async (t) => {
  const watcher = await two.connect(agent)
  const client = openClient(t, one.url, desk.as(requester).authorization.replace('Bearer ', ''))
  t.match(await client.next('connected'), { status: 'Connected', user_id: requester.id, timestamp: isTime })
  t.match(await client.next('presence_status'), { [requester.id]: 'online' })
  const update = { user_id: requester.id, status: 'online', timestamp: isTime }
  t.match(await watcher.next('presence_update', ({ user_id }) => user_id === requester.id), update)
  await until('request_presence to tell of the other node', async () => {
    t.strictSame(await client.ask('request_presence', {}), { ok: true })
    return (await client.next('presence_status'))[agent.id] === 'online'
  })
  client.close()
  t.match(await watcher.next('presence_update'), { ...update, status: 'offline' })
  for (const token of [undefined, 'not a token', '']) {
    const refused = await openClient(t, one.url, token).next('connect_error')
    t.equal(refused.message, 'Authentication required')
  }
  watcher.close()
})

t.test('join_ticket, leave_ticket and who looks at it', async (t) => {
  const id = await newTicket()
  const ticket_id = `TKT-${id}`
  await one.ask(agent, 'POST', '/messages', { ticket_id: id, message: 'I am on it' })
  const theirs = await two.look(agent, id)
  const mine = await one.connect(requester)
  await mine.ask('join_ticket', { ticket_id, after_seq: 1 })
  const joined = await mine.next('joined_ticket')
  t.match(joined, { ticket_id, timestamp: isTime })
  const missed = mine.received
    .slice(names(mine).indexOf('joined_ticket'))
    .filter(({ payload }) => payload.seq > 1)
  await mine.next('new_message', ({ message }) => message === 'I am on it')
  const numbers = mine.received.flatMap(({ event, payload }) =>
    event === 'joined_ticket' ? [] : (payload.seq ?? []),
  )
  t.strictSame(
    numbers,
    Array.from({ length: joined.seq - 1 }, (_, at) => at + 2),
    'what was missed, without a gap',
  )
  t.ok(missed.length > 0)
  const about = { user_id: requester.id, user_name: requester.name, ticket_id, timestamp: isTime }
  t.match(await theirs.next('user_joined_ticket'), about)
  const users = [requester, agent].map(({ id, name }) => ({ id, name }))
  for (const client of [mine, theirs]) {
    t.strictSame(await client.next('ticket_viewers', ({ users }) => users.length === 2), { ticket_id, users })
  }
  t.strictSame(await mine.ask('leave_ticket', { ticket_id: id }), { ok: true })
  t.match(await mine.next('left_ticket'), { ticket_id, timestamp: isTime })
  t.match(await theirs.next('user_left_ticket'), about)
  t.match(await theirs.next('ticket_viewers', ({ users }) => users.length === 1), {
    users: [{ id: agent.id }],
  })
  for (const client of [mine, theirs]) client.close()
})

t.test('send_message and typing', async (t) => {
  const id = await newTicket()
  const ticket_id = `TKT-${id}`
  const mine = await one.look(requester, id)
  const theirs = await two.look(agent, id)
  const others = await one.look(supervisor, id)
  await theirs.ask('typing_start', { ticket_id: id })
  const typing = { ticket_id, user_id: agent.id, user_name: agent.name, timestamp: isTime }
  t.match(await mine.next('user_typing'), { ...typing, typing: true })
  await theirs.ask('send_message', {
    ticket_id: id,
    message: 'A note',
    is_internal: true,
    sender_name: 'Nobody',
  })
  t.match(await mine.next('user_typing'), { ...typing, typing: false })
  const note = { ticket_id, sender_id: agent.id, sender_name: agent.name, sender_role: 'Technical User' }
  t.match(await others.next('new_message'), {
    ...note,
    message: 'A note',
    is_internal: true,
    timestamp: isTime,
  })
  await theirs.ask('send_message', { ticket_id: id, message: 'Hello' })
  const hello = { ...note, id: Number, message: 'Hello', is_internal: false, seq: Number }
  for (const client of [mine, others]) {
    t.match(await client.next('new_message', ({ message }) => message === 'Hello'), hello)
  }
  const log = await one.ask(requester, 'GET', `/tickets/${id}/events`)
  t.match(JSON.stringify(log), /Hello/, 'it is stored')

  await mine.ask('typing_start', { ticket_id: id })
  t.match(await theirs.next('user_typing'), { user_id: requester.id, typing: true })
  await mine.ask('typing_stop', { ticket_id: id })
  t.match(await theirs.next('user_typing'), { user_id: requester.id, typing: false })
  const began = Date.now()
  await mine.ask('typing_start', { ticket_id: id })
  t.match(await theirs.next('user_typing'), { typing: true })
  t.match(await theirs.next('user_typing'), { typing: false })
  const took = Date.now() - began
  t.ok(took > 4_500 && took < 7_000, `it ended by itself after ${took} ms`)
  t.notOk(JSON.stringify(mine.received).includes('A note'), 'the requester never had the note')
  for (const client of [mine, theirs, others]) client.close()
})

t.test('ticket_update', async (t) => {
  const id = await newTicket()
  const ticket_id = `TKT-${id}`
  const mine = await one.look(requester, id)
  const theirs = await two.look(agent, id)
  const updates = { priority: 'High', status: 'In Progress' }
  t.strictSame(await theirs.ask('ticket_update', { ticket_id: id, updates }), { ok: true })
  const by = { ticket_id, updated_by: agent.id, updated_by_name: agent.name, timestamp: isTime, seq: Number }
  t.match(await mine.next('ticket_updated', ({ updates }) => 'priority' in updates), {
    ...by,
    updates: { priority: 'High' },
  })
  t.match(await mine.next('ticket_updated', ({ updates }) => 'status' in updates), {
    ...by,
    updates: { status: 'In Progress' },
  })
  const changed = { ticket_id, new_status: 'In Progress', changed_by: agent.id, timestamp: isTime }
  t.match(await mine.next('ticket_status_changed'), changed)
  t.match(await mine.ask('ticket_update', { ticket_id: id, updates: { priority: 'Low' } }), {
    ok: false,
    error: { code: 'forbidden' },
  })
  for (const client of [mine, theirs]) client.close()
})

t.test('new_ticket, ticket_assigned by the worker, and new_alert', async (t) => {
  const theirs = await two.connect(agent)
  const { ticket_id } = await one.ask(requester, 'POST', '/tickets', A_TICKET)
  const made = {
    ticket_id,
    title: A_TICKET.title,
    // As it is when it is told: the worker may have been faster.
    status: /^(?:New|Open)$/,
    created_by: requester.id,
    timestamp: isTime,
  }
  t.match(await theirs.next('new_ticket'), { ...made, created_by_name: requester.name })
  const assigned = { ticket_id, assigned_to: agent.id, assigned_agent_name: agent.name, assigned_by: null }
  t.match(await theirs.next('ticket_assigned'), { ...assigned, reason: String, timestamp: isTime })
  const alert = {
    alert_type: 'assignment',
    ticket_id,
    is_read: false,
    id: Number,
    title: String,
    message: String,
  }
  t.match(await theirs.next('new_alert', (alert) => alert.ticket_id === ticket_id), alert)
  theirs.close()
})

t.test('file_uploaded, file_updated by the worker, file_deleted', async (t) => {
  const id = await newTicket()
  const theirs = await two.look(agent, id)
  const form = new FormData()
  form.append('ticket_id', String(id))
  form.append('file', new File([new Uint8Array(PNG)], 'screen.png', { type: 'image/png' }))
  await one.ask(requester, 'POST', '/files/upload', form)
  const uploaded = await theirs.next('file_uploaded')
  const { file_id } = uploaded
  const about = { ticket_id: `TKT-${id}`, file_id, filename: 'screen.png', seq: Number }
  t.match(uploaded, {
    ...about,
    file_id: String,
    uploaded_by: requester.id,
    file_size_mb: Number,
    category: 'image',
  })
  const ready = await theirs.next('file_updated', ({ thumbnail_url }) => thumbnail_url !== null)
  t.match(ready, { ...about, status: 'ready' })
  await one.ask(requester, 'DELETE', `/files/${file_id}`)
  t.match(await theirs.next('file_deleted'), { ...about, deleted_by: requester.id })
  theirs.close()
})

t.test("sla_warning and sla_breach by the worker's sweep", async (t) => {
  const id = await newTicket()
  const theirs = await two.look(agent, id)
  const staff = await two.connect(supervisor)
  for (const [event, alertType, times] of [
    ['sla_warning', 'sla_warning', { warnAt: new Date(Date.now() - 1_000) }],
    ['sla_breach', 'sla_violation', { dueAt: new Date(Date.now() - 1_000) }],
  ] as const) {
    const clock = and(eq(slaClocks.ticketId, id), eq(slaClocks.metric, 'resolution'))
    await desk.db.update(slaClocks).set(times).where(clock)
    await one.ask(admin, 'POST', '/admin/sla/sweep')
    const about = { ticket_id: `TKT-${id}`, metric: 'resolution', due_at: isTime, timestamp: isTime }
    t.match(await theirs.next(event), { ...about, seq: Number })
    t.match(await staff.next(event), about, 'the copy for staff who have not joined')
    const to = event === 'sla_breach' ? staff : theirs
    t.match(await to.next('new_alert', ({ alert_type }) => alert_type === alertType), {
      ticket_id: `TKT-${id}`,
    })
  }
  for (const client of [theirs, staff]) client.close()
})
