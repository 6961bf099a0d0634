import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { A_TICKET, makeTicket, sender } from '../helpers/send.ts'

// A request that holds a connection in a transaction and asks the pool for another waits for ever as soon as all
// connections are held by its like. With a pool of one, once is enough.

let time = Date.now()
/** Every look at it is later than anything that is cached. */
const clock = {
  now() {
    time += 5_000
    return new Date(time)
  },
}
const desk = await createTestDesk(t, { connections: 1, clock })
const admin = sender(desk, await desk.person('System Admin'))
const own = sender(desk, await desk.person('Normal User'))
const agent = await desk.person('Technical User')
const { id } = await makeTicket(own)
const file = () => form({ ticket_id: String(id) }, [{ name: 'note.txt', content: 'It began on Monday.' }])
const ticketForm = () => form(A_TICKET, [{ name: 'note.txt', content: 'It began on Monday.' }])

let count = 0
const unique = () => {
  count += 1
  return `one-${count}`
}
const key = () => ({ 'idempotency-key': unique() })
const formPost = async (path: string, made: Awaited<ReturnType<typeof form>>, headers: object) =>
  own('POST', path, made.payload, { ...made.headers, ...headers })

const requests: [string, number, (headers: Record<string, string>) => ReturnType<typeof own>][] = [
  ['POST /tickets', 201, (headers) => own('POST', '/tickets', A_TICKET, headers)],
  ['POST /tickets, form', 201, async (headers) => formPost('/tickets', await ticketForm(), headers)],
  [
    'POST /tickets, a name nobody knows',
    400,
    (headers) => own('POST', '/tickets', { ...A_TICKET, category: 'Ghosts' }, headers),
  ],
  [
    'POST /messages',
    201,
    (headers) => own('POST', '/messages', { ticket_id: id, message: 'Hello' }, headers),
  ],
  [
    'POST /tickets/{id}/comments',
    201,
    (headers) => own('POST', `/tickets/${id}/comments`, { content: 'Hello' }, headers),
  ],
  ['POST /files/upload', 201, async (headers) => formPost('/files/upload', await file(), headers)],
  [
    'POST /users',
    201,
    (headers) =>
      admin('POST', '/users', { name: 'New One', email: `${unique()}@example.com`, role: 'agent' }, headers),
  ],
  [
    'PATCH /tickets/{id}',
    200,
    () => admin('PATCH', `/tickets/${id}`, { assigned_to: agent.id, priority: 'High' }),
  ],
  [
    'PUT /tickets/{id}/status',
    200,
    () => admin('PUT', `/tickets/${id}/status`, { status: 'In Progress', comment: 'Begun.' }),
  ],
  [
    'PUT /tickets/{id}/priority',
    200,
    () => admin('PUT', `/tickets/${id}/priority`, { priority: 'Low', reason: 'It can wait.' }),
  ],
  [
    'POST /tickets/{id}/watchers',
    201,
    async (headers) => {
      const { id: user_id } = await desk.person('Normal User')
      return admin('POST', `/tickets/${id}/watchers`, { user_id }, headers)
    },
  ],
  ['DELETE /tickets/{id}/watchers', 200, () => admin('DELETE', `/tickets/${id}/watchers`)],
  ['PATCH /users/{id}', 200, () => admin('PATCH', `/users/${agent.id}`, { max_tickets: 12 })],
  [
    'POST /config/statuses',
    201,
    (headers) => admin('POST', '/config/statuses', { name: unique(), class: 'open' }, headers),
  ],
  [
    'PUT /config/transitions/{id}',
    200,
    async () => {
      const [transition] = (await admin('GET', '/config/transitions')).json()
      return admin('PUT', `/config/transitions/${transition.id}`, { roles: ['agent', 'supervisor'] })
    },
  ],
  [
    'PUT /config/sla-policies/{id}',
    200,
    async () => {
      const [policy] = (await admin('GET', '/config/sla-policies')).json()
      return admin('PUT', `/config/sla-policies/${policy.id}`, policy)
    },
  ],
  ['DELETE /tickets/{id}', 200, () => admin('DELETE', `/tickets/${id}`)],
  [
    'POST /config/categories',
    201,
    (headers) => admin('POST', '/config/categories', { name: unique(), team: null }, headers),
  ],
  [
    'POST /config/calendars/{id}/holidays',
    200,
    async (headers) => {
      const [{ id }] = (await admin('GET', '/config/calendars')).json()
      return admin('POST', `/config/calendars/${id}/holidays`, { date: '2099-12-25', name: 'Off' }, headers)
    },
  ],
  ['DELETE /users/{id}', 200, () => admin('DELETE', `/users/${agent.id}`)],
]

for (const [name, status, send] of requests) {
  t.test(`${name} needs one connection`, { timeout: 15_000 }, async (t) => {
    for (const headers of [{}, key()]) {
      const response = await send(headers)
      t.equal(response.statusCode, status, response.body)
    }
  })
}
