import { assignments, tickets } from '@servicedesk/db'
import { asc, eq, isNull } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises, loads } from '../helpers/load.ts'

const PRIORITIES = ['Low', 'Medium', 'High', 'Critical']

t.test('300 tickets, 6 equal agents, 16 jobs at once, manual assignments among them', async (t) => {
  const desk = await createCoreDesk(t, 20)
  const agents = await desk.agents(6, { maxTickets: 100 })
  const requester = await desk.person('Normal User')
  const supervisor = await desk.person('Technical Supervisor', { isAvailable: false })
  const ids: number[] = []
  for (let n = 0; n < 300; n += 1) {
    ids.push(await desk.ticket(requester, { priority: PRIORITIES[n % 4] }))
  }
  const byHand = ids.filter((_, n) => n % 50 === 7)
  const outcomes = await Promise.all([
    ...Array.from({ length: 16 }, async (_, n) => {
      for (let turn = 0; turn < 4; turn += 1) await desk.assign(10 + n)
    }),
    ...byHand.map((id, n) =>
      desk.core.tickets.update(supervisor, id, { assigned_to: agents[n % 6]!.id }).then(
        () => null,
        (error: unknown) => error,
      ),
    ),
  ])
  t.strictSame(
    outcomes.filter((outcome) => outcome instanceof Error),
    [],
  )
  while ((await desk.assign()) > 0);

  t.equal(await desk.db.$count(tickets, isNull(tickets.assignedTo)), 0, 'none is forgotten')
  const counts = (await loads(desk.db))
    .filter((load) => load.id !== supervisor.id)
    .map((load) => load.counter)
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    300,
  )
  t.ok(Math.max(...counts) - Math.min(...counts) <= 1, `the spread of ${counts}`)
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test('the most urgent first, then the oldest', async (t) => {
  const desk = await createCoreDesk(t)
  await desk.agents(2)
  const requester = await desk.person('Normal User')
  const made: { id: number; rank: number }[] = []
  for (let n = 0; n < 12; n += 1) {
    const rank = 4 - (n % 4)
    desk.clock.advance(1_000)
    made.push({ id: await desk.ticket(requester, { priority: PRIORITIES[4 - rank]! }), rank })
  }
  while ((await desk.assign(5)) > 0);
  const order = await desk.db.select().from(assignments).orderBy(asc(assignments.id))
  const expected = [...made].sort((a, b) => a.rank - b.rank || a.id - b.id).map((each) => each.id)
  t.strictSame(
    order.map((row) => row.ticketId),
    expected,
  )
})

t.test('nobody goes over the cap, and what is over stays with a reason', async (t) => {
  const desk = await createCoreDesk(t, 16)
  await desk.agents(3, { maxTickets: 4 })
  const requester = await desk.person('Normal User')
  for (let n = 0; n < 20; n += 1) await desk.ticket(requester)
  await Promise.all(Array.from({ length: 12 }, () => desk.assign(3)))
  while ((await desk.assign(3)) > 0);
  await desk.assign()
  t.strictSame(
    (await loads(desk.db)).map((load) => load.counter),
    [4, 4, 4],
  )
  const waiting = await desk.db.select().from(tickets).where(isNull(tickets.assignedTo))
  t.equal(waiting.length, 8)
  t.ok(waiting.every((row) => row.waitingReason === 'No agent is available with capacity left'))
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test('an assignment says why, and the ticket becomes Open', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'))
  t.equal(await desk.assign(), 1)
  t.match(await desk.core.assignment.explain(agent!, id), {
    assigned_to: agent!.id,
    strategy: 'workload',
    parts: { active_tickets: 0, max_tickets: 10, candidates: 1 },
    reason: /had 0 of at most 10 active tickets, the fewest among 1 available agent$/,
    waiting_reason: null,
  })
  t.match(await desk.core.tickets.get(agent!, id), { status: 'Open', assigned_to: agent!.id, version: 2 })
  const [row] = await desk.db.select().from(tickets).where(eq(tickets.id, id))
  t.match(row, { statusClass: 'open', eventSeq: 3, publicSeq: 3 })
})
