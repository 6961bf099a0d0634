import { auditLog } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { desc } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { refusesBodies, refusesInUse } from '../helpers/refusals.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const actor = await desk.person('System Admin')
const admin = sender(desk, actor)
const own = sender(desk, await desk.person('Normal User'))
const staff = sender(desk, await desk.person('Technical User'))
const PATH = '/config/statuses'

interface Status {
  id: number
  name: string
}
const all = async (): Promise<Status[]> => (await own('GET', PATH)).json()
const idOf = async (name: string) => (await all()).find((each) => each.name === name)?.id ?? 0
const waysOf = async (name: string) => {
  const { transitions } = (await own('GET', '/tickets/workflow/transitions')).json()
  const froms = Object.keys(transitions).filter((from) => transitions[from].includes(name))
  return { from: froms, to: transitions[name] }
}
const newest = async () => {
  const [entry] = await desk.db.select().from(auditLog).orderBy(desc(auditLog.id)).limit(1)
  return entry
}

t.test('a new status leads where the first of its class leads, and tickets go there at once', async (t) => {
  const answer = await admin('POST', PATH, {
    name: 'Waiting for vendor',
    class: 'pending',
    description: 'They have it',
    color: '#AABBCC',
  })
  t.equal(answer.statusCode, 201, answer.body)
  const { id } = answer.json()
  const made = {
    id,
    name: 'Waiting for vendor',
    is_closed_status: false,
    class: 'pending',
    description: 'They have it',
    color: '#aabbcc',
    order: 6,
  }
  t.same(answer.json(), made)
  t.same((await own('GET', String(answer.headers.location).slice('/api/v1'.length))).json(), made)
  t.same(await waysOf('Waiting for vendor'), {
    from: ['New', 'Open', 'In Progress', 'Pending'],
    to: ['Open', 'In Progress', 'Pending', 'Resolved', 'Closed'],
  })
  t.match(await newest(), { actorId: actor.id, action: 'create', entity: 'status', entityId: String(id) })
  const ticket = await makeTicket(own)
  const moved = await staff('PUT', `/tickets/${ticket.id}/status`, { status: 'waiting_for_vendor' })
  t.match(moved.json(), { status: 'Waiting for vendor', sla: { resolution: { state: 'paused' } } })
  const listed = (await own('GET', '/tickets?status=waiting_for_vendor')).json().tickets
  t.match(listed, [{ id: ticket.id }])
  const closed = await own('PUT', `/tickets/${ticket.id}/status`, { status: 'Closed' })
  t.match(closed.json(), { status: 'Closed' }, 'requesters close, as from Pending')
})

t.test('or where it is told to, for the roles named', async (t) => {
  const body = { name: 'Cancelled', class: 'closed', from: ['new', 'Open'], to: [], roles: ['supervisor'] }
  const { id } = (await admin('POST', PATH, body)).json()
  t.same(await waysOf('Cancelled'), { from: ['New', 'Open'], to: [] })
  const rows = (await own('GET', '/config/transitions')).json()
  const ways = rows.filter((each: { to: string }) => each.to === 'Cancelled')
  for (const each of ways) t.same(each.roles, ['Technical Supervisor'])
  t.equal((await admin('DELETE', `${PATH}/${id}`)).statusCode, 200)
  t.match(await newest(), { action: 'delete', entity: 'status', entityId: String(id) })
  isProblem(t, await own('GET', `${PATH}/${id}`), 404, 'not_found')
  isProblem(t, await admin('DELETE', `${PATH}/${id}`), 404, 'not_found')
  const left = (await own('GET', '/config/transitions')).json()
  t.equal(left.length, rows.length - 2, 'its transitions went with it')
})

t.test('a status is renamed wherever it shows, and its old name is none', async (t) => {
  const id = await idOf('In Progress')
  const changed = await admin('PUT', `${PATH}/${id}`, { name: ' Under  way ', id: 1, is_closed_status: true })
  t.match(changed.json(), { id, name: 'Under way', class: 'open', is_closed_status: false })
  t.match(await newest(), {
    action: 'update',
    entityId: String(id),
    data: { before: { name: 'In Progress' }, after: { name: 'Under way' } },
  })
  const ticket = await makeTicket(own)
  const put = (status: string) => staff('PUT', `/tickets/${ticket.id}/status`, { status })
  isProblem(t, await put('In Progress'), 400, 'validation_failed')
  t.match((await put('under_way')).json(), { status: 'Under way' })
  await admin('PUT', `${PATH}/${id}`, { name: 'In Progress' })
  t.match((await own('GET', `/tickets/${ticket.id}`)).json(), { status: 'In Progress' })
  const before = await contentOf(desk)
  const { order, color } = (await own('GET', `${PATH}/${id}`)).json()
  await admin('PUT', `${PATH}/${id}`, { name: 'In Progress', class: 'open', order, color })
  t.same(await contentOf(desk), before, 'what does not change is no edit')
})

t.test('renamed Open is still open to its requester’s corrections', async (t) => {
  const id = await idOf('Open')
  await admin('PUT', `${PATH}/${id}`, { name: 'Accepted' })
  const ticket = await makeTicket(own)
  await staff('PUT', `/tickets/${ticket.id}/status`, { status: 'Accepted' })
  const patched = await own('PATCH', `/tickets/${ticket.id}`, { title: 'Printer is loud' })
  t.match(patched.json(), { title: 'Printer is loud', status: 'Accepted' })
  await staff('PUT', `/tickets/${ticket.id}/status`, { status: 'In Progress' })
  isProblem(t, await own('PATCH', `/tickets/${ticket.id}`, { title: 'Too late' }), 403, 'forbidden')
  await admin('PUT', `${PATH}/${id}`, { name: 'Open' })
})

t.test('bad bodies', async (t) => {
  const bodies: [string, object][] = [
    ['name', { name: ' ' }],
    ['name', { name: 'this,that' }],
    ['name', { name: 'x'.repeat(101) }],
    ['class', { class: 'paused' }],
    ['class', { class: null }],
    ['description', { description: 5 }],
    ['color', { color: 'red' }],
    ['color', { color: '#12345' }],
    ['order', { order: -1 }],
    ['order', { order: 1.5 }],
    ['slug', { slug: 'x' }],
  ]
  const id = await idOf('Waiting for vendor')
  const fine = { name: 'Fine', class: 'open' }
  await refusesBodies(t, desk, (body) => admin('POST', PATH, { ...fine, ...body }), [
    ...bodies,
    ['from.1', { from: ['New', 'Nowhere'] }],
    ['to.0', { to: ['Nowhere'] }],
    ['from', { from: [] }],
    ['to', { to: [] }],
    ['to', { from: ['New'], to: [], class: 'pending' }],
    ['roles.0', { roles: ['nobody'] }],
    ['roles', { roles: [] }],
    ['from', { from: ['New'], to: ['Closed'], roles: ['customer'] }],
  ])
  await refusesBodies(t, desk, (body) => admin('PUT', `${PATH}/${id}`, body), bodies)
  await refusesBodies(t, desk, (body) => admin('POST', PATH, body), [
    ['name', { class: 'open' }],
    ['class', { name: 'No class' }],
  ])
  for (const name of ['new', 'IN PROGRESS', 'in_progress', 'In-Progress'])
    isProblem(t, await admin('POST', PATH, { ...fine, name }), 409, 'already_exists', name)
  isProblem(t, await admin('PUT', `${PATH}/${id}`, { name: 'closed' }), 409, 'already_exists')
})

t.test('a status that tickets have stays, with its class', async (t) => {
  const ticket = await makeTicket(own)
  await staff('PUT', `/tickets/${ticket.id}/status`, { status: 'Waiting for vendor' })
  const id = await idOf('Waiting for vendor')
  await refusesInUse(t, desk, () => admin('DELETE', `${PATH}/${id}`), /1 tickets/)
  await refusesInUse(t, desk, () => admin('PUT', `${PATH}/${id}`, { class: 'open' }), /1 tickets/)
  await admin('DELETE', `/tickets/${ticket.id}`)
  await refusesInUse(t, desk, () => admin('DELETE', `${PATH}/${id}`), /1 tickets/)
})

t.test('created once under an Idempotency-Key; only by admins', async (t) => {
  const key = { 'idempotency-key': 'status-1' }
  const body = { name: 'Triage', class: 'open' }
  const [first, second] = [await admin('POST', PATH, body, key), await admin('POST', PATH, body, key)]
  t.same([first.statusCode, second.statusCode], [201, 201])
  t.same(second.json(), first.json())
  t.ok(await idOf('Triage'), 'and seen at once')
  const supervisor = await desk.person('Technical Supervisor')
  const since = await contentOf(desk)
  for (const send of [own, staff, sender(desk, supervisor)]) {
    isProblem(t, await send('POST', PATH, body), 403, 'forbidden')
    isProblem(t, await send('PUT', `${PATH}/${first.json().id}`, { name: 'Mine' }), 403, 'forbidden')
    isProblem(t, await send('DELETE', `${PATH}/${first.json().id}`), 403, 'forbidden')
  }
  t.same(await contentOf(desk), since)
})
