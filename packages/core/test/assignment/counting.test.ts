import { type Actor, type AssignmentSettingsChanges, repairCounters } from '@servicedesk/core'
import { agents as agentRows, auditLog, ticketWatchers, users } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { type CoreDesk, createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises, loads } from '../helpers/load.ts'
import { waitingForLocks } from '../helpers/locks.ts'

const configure = (desk: CoreDesk, admin: Actor, changes: AssignmentSettingsChanges) =>
  desk.core.assignmentSettings.update(admin, changes)
const drainsOwed = (desk: CoreDesk) => desk.dispatched.filter((row) => row.name === 'assignment.drain').length
const move = (desk: CoreDesk, actor: Actor, id: number, status: string) =>
  desk.core.tickets.update(actor, id, { status })
const counters = async (desk: CoreDesk) => (await loads(desk.db)).map((load) => load.counter)

t.test('pausing frees capacity where the setting says so, and resuming takes it back', async (t) => {
  const desk = await createCoreDesk(t)
  const admin = await desk.person('System Admin')
  const [agent] = await desk.agents(1, { maxTickets: 1 })
  const requester = await desk.person('Normal User')
  await configure(desk, admin, { pending_frees_capacity: true })
  const first = await desk.ticket(requester)
  const second = await desk.ticket(requester)
  await desk.assign()

  desk.dispatched.length = 0
  await move(desk, agent!, first, 'Pending')
  t.equal(drainsOwed(desk), 1)
  t.same(await counters(desk), [0])
  t.equal(await desk.assign(), 1)
  t.same(await counters(desk), [1])

  desk.dispatched.length = 0
  t.match(await move(desk, agent!, first, 'Open'), { assigned_to: agent!.id }, 'kept, although over the cap')
  t.equal(drainsOwed(desk), 0)
  t.same(await counters(desk), [2])
  const { reason } = await desk.core.assignment.explain(agent!, first)
  t.match(reason, /; resumed and kept, although over the cap$/)
  await move(desk, agent!, first, 'Pending')
  await move(desk, agent!, first, 'In Progress')
  t.equal((await desk.core.assignment.explain(agent!, first)).reason, reason, 'said once')

  await move(desk, agent!, second, 'Pending')
  await move(desk, agent!, second, 'Resolved')
  t.same(await counters(desk), [1], 'a paused one that is resolved was off the counter already')
  await move(desk, agent!, second, 'Open')
  t.equal((await desk.core.tickets.get(agent!, second)).assigned_to, null, 'a reopened one needs room')
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test('without the setting a paused ticket counts', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1, { maxTickets: 1 })
  const requester = await desk.person('Normal User')
  const id = await desk.ticket(requester)
  await desk.ticket(requester)
  await desk.assign()
  desk.dispatched.length = 0
  await move(desk, agent!, id, 'Pending')
  t.equal(drainsOwed(desk), 0)
  t.equal(await desk.assign(), 0)
  await move(desk, agent!, id, 'Open')
  t.notMatch((await desk.core.assignment.explain(agent!, id)).reason, 'over the cap')
  t.same(await counters(desk), [1])
})

t.test('a paused ticket that is given, taken, or left behind follows the setting', async (t) => {
  const desk = await createCoreDesk(t)
  const admin = await desk.person('System Admin')
  const [first, second] = await desk.agents(2, { maxTickets: 1 })
  const requester = await desk.person('Normal User')
  await configure(desk, admin, { pending_frees_capacity: true })
  const paused = await desk.ticket(requester)
  const running = await desk.ticket(requester)
  await desk.core.tickets.update(admin, paused, { assigned_to: first!.id })
  await move(desk, admin, paused, 'Pending')
  await desk.core.tickets.update(admin, running, { assigned_to: second!.id })
  await desk.core.tickets.update(admin, paused, { assigned_to: second!.id })
  t.same(await counters(desk), [0, 1], 'the full one takes what does not count')
  await desk.core.tickets.update(admin, paused, { assigned_to: null })
  await desk.assign()
  t.equal((await desk.core.tickets.get(admin, paused)).assigned_to, first!.id)
  t.same(await counters(desk), [0, 1])
  await desk.core.users.deactivate(admin, first!.id)
  t.same(await counters(desk), [0, 1])
  t.equal((await desk.core.tickets.get(admin, paused)).assigned_to, null)
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test('toggling counts everybody anew, and owes one drain', async (t) => {
  const desk = await createCoreDesk(t)
  const admin = await desk.person('System Admin')
  const [first, second] = await desk.agents(2, { maxTickets: 2 })
  const requester = await desk.person('Normal User')
  const ids: number[] = []
  for (let n = 0; n < 6; n += 1) ids.push(await desk.ticket(requester))
  await desk.assign()
  for (const id of ids.slice(0, 3)) await move(desk, admin, id, 'Pending')
  t.same(await counters(desk), [2, 2])

  desk.dispatched.length = 0
  await configure(desk, admin, { pending_frees_capacity: true })
  t.equal(drainsOwed(desk), 1)
  t.same((await counters(desk)).sort(), [0, 1])
  t.equal(await desk.assign(), 2)
  t.same((await counters(desk)).sort(), [1, 2])

  desk.dispatched.length = 0
  await configure(desk, admin, { pending_frees_capacity: false })
  t.equal(drainsOwed(desk), 1)
  const both = await loads(desk.db)
  t.same(
    both.map((load) => [load.id, load.counter, load.counted]),
    [first!, second!].map(({ id }, n) => [id, both[n]!.counted, both[n]!.counted]),
  )
  t.equal(both[0]!.counter + both[1]!.counter, 6)
  t.equal(await desk.db.$count(auditLog, eq(auditLog.entity, 'setting')), 2)

  desk.dispatched.length = 0
  await configure(desk, admin, { pending_frees_capacity: false, strategy: 'workload' })
  t.equal(desk.dispatched.length, 0, 'what is so already changes nothing')
  t.equal(await desk.db.$count(auditLog, eq(auditLog.entity, 'setting')), 2)
})

t.test('the setting is not toggled under somebody who has counted by it', async (t) => {
  const desk = await createCoreDesk(t)
  const admin = await desk.person('System Admin')
  const [agent] = await desk.agents(1)
  const requester = await desk.person('Normal User')
  await configure(desk, admin, { pending_frees_capacity: true })
  const id = await desk.ticket(requester)
  await desk.assign()
  await move(desk, agent!, id, 'Pending')

  // Telling a watcher waits for this row, and comes after counting.
  const watcher = await desk.person('Normal User')
  const watches = { ticketId: id, userId: watcher.id, createdAt: desk.clock.now() }
  await desk.db.insert(ticketWatchers).values(watches)
  const { resolved, toggled } = await desk.db.transaction(async (tx) => {
    await tx.select().from(users).where(eq(users.id, watcher.id)).for('update')
    const resolved = move(desk, agent!, id, 'Resolved')
    await waitingForLocks(desk.db, 1)
    const toggled = configure(desk, admin, { pending_frees_capacity: false })
    await waitingForLocks(desk.db, 2)
    return { resolved, toggled }
  })
  t.match(await resolved, { status: 'Resolved' })
  t.match(await toggled, { pending_frees_capacity: false })
  t.same(await counters(desk), [0])
})

t.test('a counter that is wrong is found and mended, right ones are left alone', async (t) => {
  const desk = await createCoreDesk(t)
  const [, second, third] = await desk.agents(3)
  const requester = await desk.person('Normal User')
  for (let n = 0; n < 6; n += 1) await desk.ticket(requester)
  await desk.assign()
  const repair = () => desk.db.transaction((tx) => repairCounters(tx))
  t.same(await repair(), [])
  await desk.db.update(agentRows).set({ activeTickets: 9 }).where(eq(agentRows.userId, second!.id))
  await desk.db.update(agentRows).set({ activeTickets: 0 }).where(eq(agentRows.userId, third!.id))
  t.same(
    (await repair()).sort((a, b) => a.agent_id - b.agent_id),
    [
      { agent_id: second!.id, was: 9, is: 2 },
      { agent_id: third!.id, was: 0, is: 2 },
    ],
  )
  t.same(await counters(desk), [2, 2, 2])
  t.same(await repair(), [])
})

t.test('a counter that is too low does not stop work', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'))
  await desk.assign()
  await desk.db.update(agentRows).set({ activeTickets: 0 })
  t.match(await move(desk, agent!, id, 'Resolved'), { status: 'Resolved' })
  t.same(await counters(desk), [0])
})
