import { assignWaiting, createConfigurationCache, sweepBatch } from '@servicedesk/core'
import { agents, assignments, slaClocks, tickets } from '@servicedesk/db'
import { createTestClock, createTestDesk } from '@servicedesk/testing'
import { and, eq, isNull } from 'drizzle-orm'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const HOUR = 3_600_000
const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const own = sender(desk, await desk.person('Normal User'))
const agent = await desk.person('Technical User', { maxTickets: 1 })
const adminActor = await desk.person('System Admin')
const [staff, admin] = [sender(desk, agent), sender(desk, adminActor)]
const configuration = createConfigurationCache(desk.db, clock)
const assign = async () => {
  const current = await configuration.get({ fresh: true })
  return desk.db.transaction((tx) => assignWaiting(tx, current, clock))
}
const sweep = () => desk.db.transaction((tx) => sweepBatch(tx, configuration, clock.now()))
const clocksOf = (id: number) => desk.db.select().from(slaClocks).where(eq(slaClocks.ticketId, id))
const totalOf = async (send: typeof own, query = '') =>
  (await send('GET', `/tickets?${query}`)).json().tickets.length

t.test('a deleted ticket is gone for all but admins: lists, files, agent, clocks, waiting', async (t) => {
  const { id } = await makeTicket(own)
  const upload = await form({ ticket_id: `TKT-${id}` }, [{ name: 'note.txt', content: 'A note' }])
  const file = (await own('POST', '/files/upload', upload.payload, upload.headers)).json()
  const { image_url, url } = (await own('POST', '/upload/image', upload.payload, upload.headers)).json()
  const link = new URL(image_url ?? url)
  await assign()
  const waiting = await makeTicket(own)
  t.equal(await assign(), 0, 'the agent is full')
  desk.dispatched.length = 0

  const answer = await admin('DELETE', `/tickets/TKT-${id}`)
  t.equal(answer.statusCode, 200)
  t.same(answer.json(), { success: true, message: `TKT-${id} is deleted` })
  t.ok(desk.dispatched.some((row) => row.name === 'assignment.drain'))
  t.equal(await assign(), 1, 'capacity is free')
  t.match((await own('GET', `/tickets/${waiting.id}`)).json(), { assigned_to: agent.id })

  for (const send of [own, staff]) {
    isProblem(t, await send('GET', `/tickets/${id}`), 404, 'not_found')
    for (const query of ['', `q=TKT-${id}`, 'q=printer', 'assigned_to=none']) {
      const listed = (await send('GET', `/tickets?${query}`)).json().tickets
      t.notOk(
        listed.some((each: { id: number }) => each.id === id),
        query,
      )
    }
  }
  t.equal(await totalOf(admin), 1, 'admins find it by its id only')
  for (const send of [own, staff, admin])
    isProblem(t, await send('GET', `/files/${file.id}/download`), 404, 'not_found')
  const linked = await desk.app.inject({ url: `${link.pathname}${link.search}` })
  isProblem(t, linked, 404, 'not_found', 'nor does a link open what it led to')

  t.match((await admin('GET', `/tickets/${id}`)).json(), { id, assigned_to: null, status: 'Open' })
  t.match((await admin('GET', `/tickets/${id}/events`)).json().at(-1), {
    type: 'ticket_deleted',
    actor_id: adminActor.id,
    data: { status: 'Open', assigned_to: agent.id },
  })
  const [open] = await desk.db
    .select()
    .from(assignments)
    .where(and(eq(assignments.ticketId, id), isNull(assignments.endedAt)))
  t.notOk(open, 'its assignment has ended')
  const [load] = await desk.db.select().from(agents).where(eq(agents.userId, agent.id))
  t.equal(load?.activeTickets, 1)
  clock.advance(100 * HOUR)
  await sweep()
  for (const each of await clocksOf(id)) t.match(each, { state: 'stopped', breachedAt: null })
})

t.test('deleted while it waits: nobody gets it, and supervisors are not told that it waits', async (t) => {
  await desk.db.update(agents).set({ isAvailable: false })
  const { id } = await makeTicket(own)
  const supervisor = sender(desk, await desk.person('Technical Supervisor', { isAvailable: false }))
  await admin('DELETE', `/tickets/${id}`)
  await assign()
  t.same((await supervisor('GET', '/alerts/me')).json(), [])
  await desk.db.update(agents).set({ isAvailable: true, maxTickets: 50 })
  await assign()
  t.match((await admin('GET', `/tickets/${id}`)).json(), { assigned_to: null, status: 'New' })
})

t.test('a breach that was due is recorded where it was due; none that was not', async (t) => {
  const { id } = await makeTicket(own, { priority: 'High' })
  const created = clock.now().getTime()
  clock.advance(2 * HOUR)
  await admin('DELETE', `/tickets/${id}`)
  const clocks = Object.fromEntries((await clocksOf(id)).map((each) => [each.metric, each]))
  t.match(clocks.first_response, { state: 'stopped', breachedAt: new Date(created + HOUR) })
  t.match(clocks.resolution, { state: 'stopped', breachedAt: null, elapsedMs: 2 * HOUR })
  const log = (await admin('GET', `/tickets/${id}/events`)).json()
  t.same(
    log.map((each: { type: string }) => each.type),
    ['ticket_created', 'sla_breach', 'ticket_deleted'],
  )
})

t.test('deleted once: again is no error and changes nothing, whatever version is named', async (t) => {
  const { id } = await makeTicket(own)
  const path = `/tickets/${id}`
  isProblem(t, await admin('DELETE', path, undefined, { 'if-match': '"7"' }), 412, 'stale_version')
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => admin('DELETE', path, undefined, { 'if-match': '"1"' })),
  )
  for (const answer of answers) t.equal(answer.statusCode, 200)
  const before = await contentOf(desk)
  t.match((await admin('DELETE', path)).json(), { success: true })
  t.same(await contentOf(desk), before)
})

t.test('a deleted ticket takes no change from anybody: 409 for admins, 404 for others', async (t) => {
  const { id } = await makeTicket(own)
  await admin('DELETE', `/tickets/${id}`)
  const upload = await form({ ticket_id: String(id) }, [{ name: 'note.txt', content: 'A note' }])
  const [before, stored] = [await contentOf(desk), storedFiles(desk)]
  const changes = [
    ['PATCH', `/tickets/${id}`, { title: 'Another title' }],
    ['PUT', `/tickets/${id}`, { assigned_to: agent.id }],
    ['PUT', `/tickets/${id}/status`, { status: 'Open', comment: 'Hello' }],
    ['PUT', `/tickets/${id}/priority`, { priority: 'High' }],
    ['POST', `/tickets/${id}/comments`, { content: 'Hello' }],
    ['POST', '/messages', { ticket_id: id, message: 'Hello' }],
    ['POST', `/tickets/${id}/watchers`, {}],
    ['DELETE', `/tickets/${id}/watchers`, undefined],
    ['POST', '/files/upload', upload.payload, upload.headers],
  ] as const
  for (const [method, path, body, headers] of changes) {
    for (const send of [own, staff])
      isProblem(t, await send(method, path, body, headers), 404, 'not_found', `${method} ${path}`)
    isProblem(t, await admin(method, path, body, headers), 409, 'ticket_deleted', `${method} ${path}`)
  }
  t.same([await contentOf(desk), storedFiles(desk)], [before, stored])
})

t.test('only admins delete', async (t) => {
  const { id } = await makeTicket(own)
  const supervisor = sender(desk, await desk.person('Technical Supervisor'))
  for (const send of [own, staff, supervisor])
    isProblem(t, await send('DELETE', `/tickets/${id}`), 403, 'forbidden')
  isProblem(t, await admin('DELETE', '/tickets/999999'), 404, 'not_found')
  const [row] = await desk.db.select().from(tickets).where(eq(tickets.id, id))
  t.equal(row?.deletedAt, null)
})
