import { auditLog } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { desc } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { refusesBodies } from '../helpers/refusals.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const actor = await desk.person('System Admin')
const admin = sender(desk, actor)
const own = sender(desk, await desk.person('Normal User'))
const staff = sender(desk, await desk.person('Technical User'))
const supervisor = sender(desk, await desk.person('Technical Supervisor'))
const PATH = '/config/transitions'

interface Transition {
  id: number
  from: string
  to: string
  roles: string[]
}
const all = async (): Promise<Transition[]> => (await own('GET', PATH)).json()
const between = async (from: string, to: string) =>
  (await all()).find((each) => each.from === from && each.to === to)!
const audited = async () => {
  const [entry] = await desk.db.select().from(auditLog).orderBy(desc(auditLog.id)).limit(1)
  return entry
}

t.test('a new transition is taken by its roles at once, and by no other', async (t) => {
  const ticket = await makeTicket(own)
  const put = (send: typeof own) => send('PUT', `/tickets/${ticket.id}/status`, { status: 'In Progress' })
  await staff('PUT', `/tickets/${ticket.id}/status`, { status: 'Resolved' })
  isProblem(t, await put(supervisor), 409, 'transition_not_allowed')
  const body = { from: 'resolved', to: 'in_progress', roles: ['supervisor', 'ADMIN', 'system_admin'] }
  const answer = await admin('POST', PATH, body)
  t.equal(answer.statusCode, 201, answer.body)
  const { id } = answer.json()
  const made = { id, from: 'Resolved', to: 'In Progress', roles: ['Technical Supervisor', 'System Admin'] }
  t.same(answer.json(), made)
  t.same((await own('GET', `${PATH}/${id}`)).json(), made)
  t.match(await audited(), {
    actorId: actor.id,
    action: 'create',
    entity: 'transition',
    entityId: String(id),
    data: made,
  })
  isProblem(t, await put(staff), 403, 'forbidden')
  t.match((await put(supervisor)).json(), { status: 'In Progress' })

  const changed = await admin('PUT', `${PATH}/${id}`, { roles: ['agent'] })
  t.same(changed.json(), { ...made, roles: ['Technical User'] })
  await staff('PUT', `/tickets/${ticket.id}/status`, { status: 'Resolved' })
  isProblem(t, await put(supervisor), 403, 'forbidden')
  t.match((await put(staff)).json(), { status: 'In Progress' })

  t.equal((await admin('DELETE', `${PATH}/${id}`)).statusCode, 200)
  t.match(await audited(), { action: 'delete', entity: 'transition', entityId: String(id) })
  isProblem(t, await admin('DELETE', `${PATH}/${id}`), 404, 'not_found')
  await staff('PUT', `/tickets/${ticket.id}/status`, { status: 'Resolved' })
  isProblem(t, await put(staff), 409, 'transition_not_allowed')
})

t.test('nowhere, from nowhere, to itself, twice, for nobody', async (t) => {
  const fine = { from: 'Closed', to: 'In Progress', roles: ['agent'] }
  const bad: [string, object][] = [
    ['to', { to: 'Nowhere' }],
    ['from', { from: 'Nowhere' }],
    ['to', { to: 'closed' }],
    ['to', { to: '' }],
    ['from', { from: null }],
    ['roles', { roles: [] }],
    ['roles.1', { roles: ['agent', 'king'] }],
    ['roles', { roles: 'agent' }],
    ['weight', { weight: 1 }],
  ]
  await refusesBodies(t, desk, (body) => admin('POST', PATH, { ...fine, ...body }), bad)
  await refusesBodies(t, desk, (body) => admin('POST', PATH, body), [
    ['from', { to: 'Open', roles: ['agent'] }],
    ['to', { from: 'Open', roles: ['agent'] }],
    ['roles', { from: 'Closed', to: 'In Progress' }],
  ])
  const { id } = await between('Closed', 'Open')
  await refusesBodies(t, desk, (body) => admin('PUT', `${PATH}/${id}`, body), bad)
  await refusesBodies(t, desk, (body) => admin('PUT', `${PATH}/${id}`, body), [
    ['from', { from: 'Open' }],
    ['to', { from: 'New', to: 'new' }],
  ])
  const before = await contentOf(desk)
  isProblem(t, await admin('POST', PATH, { ...fine, to: 'open' }), 409, 'already_exists')
  isProblem(t, await admin('PUT', `${PATH}/${id}`, { from: 'Resolved' }), 409, 'already_exists')
  t.same(await contentOf(desk), before)
})

t.test('the only way to a status stays, and so does the only way on', async (t) => {
  const [last, ...others] = (await all()).filter((each) => each.to === 'Pending')
  for (const each of others) t.equal((await admin('DELETE', `${PATH}/${each.id}`)).statusCode, 200)
  const before = await contentOf(desk)
  const gone = isProblem(t, await admin('DELETE', `${PATH}/${last!.id}`), 409, 'workflow_broken')
  t.match(gone.detail, /Pending could not be reached/)
  t.same(await contentOf(desk), before)
  await refusesBodies(t, desk, (body) => admin('PUT', `${PATH}/${last!.id}`, body), [
    ['roles', { roles: ['customer'] }],
    ['to', { from: 'Closed', to: 'Resolved' }],
  ])

  const onwards = (await all()).filter((each) => each.from === 'Pending' && each.to !== 'Closed')
  for (const each of onwards) t.equal((await admin('DELETE', `${PATH}/${each.id}`)).statusCode, 200)
  const closing = await between('Pending', 'Closed')
  const stuck = isProblem(t, await admin('DELETE', `${PATH}/${closing.id}`), 409, 'workflow_broken')
  t.match(stuck.detail, /from Pending no transition/)
  await refusesBodies(t, desk, (body) => admin('PUT', `${PATH}/${closing.id}`, body), [
    ['from', { from: 'Resolved', to: 'Pending' }],
  ])
  const narrowed = await admin('PUT', `${PATH}/${closing.id}`, { roles: ['Normal User'] })
  t.match(narrowed.json(), { roles: ['Normal User'] }, 'requesters may close')
})

t.test('a workflow that is broken already can be mended', async (t) => {
  const sql = desk.db.$client
  await sql`DELETE FROM transitions WHERE to_status_id = (SELECT id FROM statuses WHERE name = 'Pending')`
  await sql`DELETE FROM transitions WHERE to_status_id = (SELECT id FROM statuses WHERE name = 'In Progress')`
  const body = { from: 'Open', roles: ['agent'] }
  for (const to of ['Pending', 'In Progress'])
    t.equal((await admin('POST', PATH, { ...body, to })).statusCode, 201, 'one after the other')
})

t.test('only admins', async (t) => {
  const { id } = await between('Closed', 'Open')
  const before = await contentOf(desk)
  for (const send of [own, staff, supervisor]) {
    const body = { from: 'Closed', to: 'Pending', roles: ['agent'] }
    isProblem(t, await send('POST', PATH, body), 403, 'forbidden')
    isProblem(t, await send('PUT', `${PATH}/${id}`, { roles: ['agent'] }), 403, 'forbidden')
    isProblem(t, await send('DELETE', `${PATH}/${id}`), 403, 'forbidden')
  }
  t.same(await contentOf(desk), before)
})
