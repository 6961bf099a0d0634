import { type assignments, outbox, tickets, users } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { and, eq } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const adminActor = await desk.person('System Admin')
const admin = sender(desk, adminActor)
const requester = sender(desk, await desk.person('Normal User'))

type Leave = (id: number) => ReturnType<typeof admin>

async function givesBack(t: Test, leave: Leave, stillActive: boolean): Promise<void> {
  const agent = await desk.person('Technical User')
  const held = await makeTicket(requester)
  const done = await makeTicket(requester)
  for (const { id } of [held, done]) {
    const body = { assigned_to: agent.id }
    t.equal((await admin('PUT', `/tickets/${id}`, body)).json().assigned_to, agent.id)
  }
  t.equal((await admin('PUT', `/tickets/${done.id}`, { status: 'Resolved' })).statusCode, 200)
  await desk.db.delete(outbox)
  t.equal((await leave(agent.id)).statusCode, 200)

  const rows = await desk.db.select().from(tickets).where(eq(tickets.assignedTo, agent.id))
  t.same(
    rows.map(({ id }) => id),
    [done.id],
    'only what is done stays with them',
  )
  const drains = (await desk.owed()).filter(({ name }) => name === 'assignment.drain')
  t.equal(drains.length, 1, 'the rest is assigned anew')
  const open = await desk.db.$client<(typeof assignments.$inferSelect)[]>`
    SELECT * FROM assignments WHERE ticket_id = ${held.id} AND ended_at IS NULL`
  t.same(open, [])
  const [row] = await desk.db.$client`SELECT active_tickets FROM agents WHERE user_id = ${agent.id}`
  t.equal(Number(row?.active_tickets), 0)
  const [user] = await desk.db.select().from(users).where(eq(users.id, agent.id))
  t.equal(user?.isActive, stillActive)
  isProblem(t, await sender(desk, agent)('GET', '/auth/me'), 401)
}

t.test('deactivation gives open tickets back', (t) =>
  givesBack(t, (id) => admin('DELETE', `/users/${id}`), false),
)
t.test('so does is_active: false', (t) =>
  givesBack(t, (id) => admin('PATCH', `/users/${id}`, { is_active: false }), false),
)
t.test('and another role', (t) =>
  givesBack(t, (id) => admin('PATCH', `/users/${id}`, { role: 'Normal User' }), true),
)

t.test('who is deactivated is still read, twice is once, and comes back', async (t) => {
  const person = await desk.person('Normal User', { name: 'Come Back' })
  for (const _ of [1, 2]) t.equal((await admin('DELETE', `/users/${person.id}`)).statusCode, 200)
  t.equal((await admin('GET', `/users/${person.id}`)).json().is_active, false)
  const back = await admin('PATCH', `/users/${person.id}`, { is_active: true })
  t.match(back.json(), { is_active: true, name: 'Come Back' })
})

t.test('the last active admin stays', async (t) => {
  const before = await contentOf(desk)
  isProblem(t, await admin('DELETE', `/users/${adminActor.id}`), [403, 409])
  for (const body of [
    { is_active: false },
    { role: 'Technical Supervisor' },
    { role: 'customer', name: 'X' },
  ]) {
    const answer = await admin('PATCH', `/users/${adminActor.id}`, body)
    isProblem(t, answer, 409, 'last_admin', JSON.stringify(body))
  }
  t.same(await contentOf(desk), before)
  const inactive = await desk.person('System Admin')
  t.equal((await admin('DELETE', `/users/${inactive.id}`)).statusCode, 200, 'one of two may go')
  const alone = await admin('PATCH', `/users/${adminActor.id}`, { role: 'agent' })
  isProblem(t, alone, 409, 'last_admin', 'an inactive admin does not count')
})

t.test('admins who demote each other at once leave one', async (t) => {
  const second = await desk.person('System Admin')
  const pair = [adminActor, second]
  const answers = await Promise.all(
    pair.map((actor, index) =>
      sender(desk, actor)('PATCH', `/users/${pair[1 - index]?.id}`, { role: 'customer' }),
    ),
  )
  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 1)
  const left = await desk.db
    .select()
    .from(users)
    .where(and(eq(users.role, 'System Admin'), eq(users.isActive, true)))
  t.equal(left.length, 1)
})
