import { ticketWatchers } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const [owner, watcher, stranger] = [
  await desk.person('Normal User'),
  await desk.person('Normal User'),
  await desk.person('Normal User'),
]
const asOwner = sender(desk, owner)
const ticket = await makeTicket(asOwner)
await desk.db
  .insert(ticketWatchers)
  .values({ ticketId: ticket.id, userId: watcher.id, createdAt: new Date() })
const upload = await form({ ticket_id: ticket.ticket_id }, [{ name: 'note.txt', content: 'A note' }])
const file = (await asOwner('POST', '/files/upload', upload.payload, upload.headers)).json()

/** Everything below a ticket that is read. */
const READS = [
  `/tickets/${ticket.id}`,
  `/tickets/${ticket.ticket_id}`,
  `/tickets/${ticket.id}/comments`,
  `/tickets/${ticket.id}/activities`,
  `/tickets/${ticket.id}/events`,
  `/messages/ticket/${ticket.id}/timeline`,
  `/messages/ticket/${ticket.ticket_id}/timeline?include=events`,
  `/files/ticket/${ticket.id}`,
  `/files/${file.id}/download`,
  `/files/${file.id}/preview`,
]

t.test('creator, watcher and staff see a ticket and all of it', async (t) => {
  const staff = await Promise.all(
    (['Technical User', 'Technical Supervisor', 'System Admin'] as const).map((role) => desk.person(role)),
  )
  for (const actor of [owner, watcher, ...staff]) {
    const send = sender(desk, actor)
    for (const path of READS) t.equal((await send('GET', path)).statusCode, 200, `${actor.role} ${path}`)
    const ids = (await send('GET', '/tickets')).json().tickets.map((each: { id: number }) => each.id)
    t.same(ids, [ticket.id])
  }
})

t.test('for anybody else it does not exist, and nothing they send changes it', async (t) => {
  const send = sender(desk, stranger)
  const before = [await contentOf(desk), storedFiles(desk)]
  for (const path of READS) isProblem(t, await send('GET', path), 404, 'not_found', path)
  const list = (await send('GET', '/tickets')).json()
  t.match(list, { tickets: [], pagination: { total: 0, pages: 0, has_next: false } })
  for (const query of [`q=${ticket.ticket_id}`, 'q=printer', `created_by=${owner.id}`, 'assigned_to=none']) {
    t.same((await send('GET', `/tickets?${query}`)).json().tickets, [], query)
  }
  for (const [method, path, body] of [
    ['PUT', `/tickets/${ticket.id}`, { title: 'Mine now' }],
    ['PATCH', `/tickets/${ticket.ticket_id}`, { status: 'Closed' }],
    ['PATCH', `/tickets/${ticket.id}`, {}],
    ['POST', `/tickets/${ticket.id}/comments`, { content: 'Hello' }],
    ['POST', '/messages', { ticket_id: ticket.id, message: 'Hello' }],
    ['DELETE', `/files/${file.id}`, undefined],
  ] as const) {
    isProblem(t, await send(method, path, body), 404, 'not_found', `${method} ${path}`)
  }
  for (const path of ['/files/upload', '/upload/image', '/files/cloudinary/upload']) {
    isProblem(t, await send('POST', path, upload.payload, upload.headers), 404, 'not_found', path)
  }
  t.same([await contentOf(desk), storedFiles(desk)], before)
})

t.test('a hidden ticket and one that never was answer alike', async (t) => {
  const send = sender(desk, stranger)
  const [hidden, never] = await Promise.all([
    send('GET', `/tickets/${ticket.id}`),
    send('GET', '/tickets/999999'),
  ])
  t.same({ ...hidden.json(), request_id: '' }, { ...never.json(), request_id: '' })
})

t.test('why it is assigned is for staff: 403 for its own creator too', async (t) => {
  isProblem(t, await asOwner('GET', `/tickets/${ticket.id}/assignment`), 403, 'forbidden')
  const agent = sender(desk, await desk.person('Technical User'))
  const answer = await agent('GET', `/tickets/${ticket.id}/assignment`)
  t.match(answer.json(), { ticket_id: ticket.ticket_id, assigned_to: null })
})

t.test('a watcher comments but does not edit or close', async (t) => {
  const send = sender(desk, watcher)
  t.equal((await send('POST', `/tickets/${ticket.id}/comments`, { content: 'Me too' })).statusCode, 201)
  const before = await contentOf(desk)
  isProblem(t, await send('PUT', `/tickets/${ticket.id}`, { title: 'Mine now' }), 403, 'forbidden')
  isProblem(t, await send('PUT', `/tickets/${ticket.id}`, { status: 'Closed' }), 403, 'forbidden')
  isProblem(t, await send('DELETE', `/files/${file.id}`), 403, 'forbidden')
  t.same(await contentOf(desk), before)
})

t.test('a deleted ticket exists for admins only, its files for nobody', async (t) => {
  await desk.db.$client`UPDATE tickets SET deleted_at = now() WHERE id = ${ticket.id}`
  const [agent, admin] = [await desk.person('Technical User'), await desk.person('System Admin')]
  for (const actor of [owner, watcher, agent]) {
    const send = sender(desk, actor)
    for (const path of READS) isProblem(t, await send('GET', path), 404, 'not_found', `${actor.role} ${path}`)
    isProblem(t, await send('PATCH', `/tickets/${ticket.id}`, { title: 'Mine now' }), 404)
  }
  const asAdmin = sender(desk, admin)
  t.equal((await asAdmin('GET', `/tickets/${ticket.id}`)).statusCode, 200)
  isProblem(t, await asAdmin('GET', `/files/${file.id}/download`), 404, 'not_found')
})
