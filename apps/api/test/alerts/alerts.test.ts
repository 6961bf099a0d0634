import { type AlertType, alerts, users } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)

/** Somebody with this many alerts, oldest first. */
async function alerted(count: number, alertType: AlertType = 'system', ticketId: number | null = null) {
  // Who may read of everything.
  const person = await desk.person('System Admin')
  const rows = Array.from({ length: count }, (_, index) => ({
    userId: person.id,
    alertType,
    ticketId,
    title: `Alert ${index}`,
    message: 'Something happened',
    createdAt: new Date(),
  }))
  const made = count === 0 ? [] : await desk.db.insert(alerts).values(rows).returning()
  return { person, send: sender(desk, person), ids: made.map(({ id }) => id) }
}

t.test('a list is bare, newest first, and in full', async (t) => {
  const requester = sender(desk, await desk.person('Normal User'))
  const ticket = await makeTicket(requester)
  const { person, send, ids } = await alerted(25, 'status_change', ticket.id)
  const list = (await send('GET', '/alerts/me')).json()
  t.equal(list.length, 20, 'twenty by default')
  t.same(
    list.map(({ id }: { id: number }) => id),
    ids.toReversed().slice(0, 20),
  )
  t.same(list[0], {
    id: ids.at(-1),
    title: 'Alert 24',
    message: 'Something happened',
    alert_type: 'status_change',
    is_read: false,
    created_at: list[0].created_at,
    ticket_id: ticket.ticket_id,
  })
  t.match(list[0].created_at, /Z$/)
  t.equal((await send('GET', '/alerts/me?limit=100')).json().length, 25)
  t.same((await send('GET', `/alerts/${person.id}?limit=2`)).json(), list.slice(0, 2), 'by one’s own id')
})

t.test('reading one, and all', async (t) => {
  const { send, ids } = await alerted(3)
  const bystander = await alerted(2)
  const unread = async () => (await send('GET', '/alerts/me/count')).json()
  t.same(await unread(), { count: 3 })
  for (const _ of [1, 2]) t.equal((await send('PUT', `/alerts/${ids[1]}/read`)).statusCode, 200)
  t.same(await unread(), { count: 2 }, 'read twice is read once')
  const left = (await send('GET', '/alerts/me?unread_only=true')).json()
  t.same(
    left.map(({ id }: { id: number }) => id),
    [ids[2], ids[0]],
  )
  t.same((await send('GET', '/alerts/me?limit=20&unread_only')).json(), left, 'also without a value')
  t.equal((await send('GET', '/alerts/me?unread_only=false')).json().length, 3)
  t.match((await send('PUT', '/alerts/me/read-all')).json(), { updated: 2 })
  t.same(await unread(), { count: 0 })
  t.match((await send('PUT', '/alerts/me/read-all')).json(), { updated: 0 })
  t.same((await bystander.send('GET', '/alerts/me/count')).json(), { count: 2 }, 'others are as before')
})

t.test('another’s are not known to exist, not even to an admin', async (t) => {
  const { person, ids } = await alerted(2)
  for (const role of ['Normal User', 'Technical Supervisor', 'System Admin'] as const) {
    const other = sender(desk, await desk.person(role))
    const before = await contentOf(desk)
    isProblem(t, await other('GET', `/alerts/${person.id}`), 404, 'not_found', `${role} lists`)
    isProblem(t, await other('GET', `/alerts/${person.id}/count`), 404, 'not_found', `${role} counts`)
    isProblem(t, await other('PUT', `/alerts/${person.id}/read-all`), 404, 'not_found', `${role} reads all`)
    isProblem(t, await other('PUT', `/alerts/${ids[0]}/read`), 404, 'not_found', `${role} reads one`)
    t.same(await contentOf(desk), before)
  }
  isProblem(t, await sender(desk)('GET', '/alerts/me'), 401)
})

t.test('queries and ids that make no sense', async (t) => {
  const { send } = await alerted(0)
  t.same((await send('GET', '/alerts/me')).json(), [])
  for (const query of ['limit=0', 'limit=101', 'limit=x', 'unread_only=maybe', 'page=2']) {
    isProblem(t, await send('GET', `/alerts/me?${query}`), 400, 'validation_failed', query)
  }
  for (const user of ['you', '0', '-1', '1.5', 'ME']) {
    isProblem(t, await send('GET', `/alerts/${user}`), 400, 'validation_failed', user)
  }
  isProblem(t, await send('PUT', '/alerts/999999999/read'), 404, 'not_found')
})

t.test('who has left the staff reads no more of notes, of the desk, or of tickets of others', async (t) => {
  const requester = sender(desk, await desk.person('Normal User'))
  const colleague = sender(desk, await desk.person('Technical User'))
  const leaving = await desk.person('Technical User', { name: 'Lee Leaving' })
  const send = sender(desk, leaving)
  const [own, other] = [await makeTicket(send), await makeTicket(requester)]
  for (const { id } of [own, other]) {
    await colleague('POST', '/messages', { ticket_id: id, message: '@Lee Leaving a note', is_internal: true })
    await colleague('POST', '/messages', { ticket_id: id, message: '@Lee Leaving for all' })
    await colleague('POST', `/tickets/${id}/escalate`, { reason: 'It burns', to: leaving.id })
  }
  t.equal((await send('GET', '/alerts/me')).json().length, 6)
  await desk.db.update(users).set({ role: 'Normal User' }).where(eq(users.id, leaving.id))
  const left = (await send('GET', '/alerts/me')).json()
  t.match(left, [{ alert_type: 'mention', message: '@Lee Leaving for all', ticket_id: own.ticket_id }])
  t.equal(left.length, 1)
  t.same((await send('GET', '/alerts/me/count')).json(), { count: 1 })
  const rows = await desk.db.select().from(alerts).where(eq(alerts.userId, leaving.id))
  t.same(
    (await desk.core.feed.alerts(rows.map(({ id }) => id))).map(({ alert }) => alert.id),
    left.map(({ id }: { id: number }) => id),
  )
})
