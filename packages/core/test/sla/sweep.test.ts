import { alerts, emailDeliveries, slaClocks } from '@servicedesk/db'
import { and, eq, isNotNull } from 'drizzle-orm'
import t from 'tap'
import { clockOf, eventsOf, setTargets } from '../helpers/clocks.ts'
import { createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises } from '../helpers/load.ts'

const FROM_START = { afterSeq: 0, limit: 100 }

t.test('many sweeps at once: each breach once, to the assignee and every supervisor', async (t) => {
  const desk = await createCoreDesk(t, 20)
  await setTargets(desk, 60, 60)
  const agents = await desk.agents(3, { maxTickets: 50 })
  const supervisors = [
    await desk.person('Technical Supervisor', { isAvailable: false }),
    await desk.person('Technical Supervisor', { isAvailable: false }),
  ]
  const requester = await desk.person('Normal User')
  const ids: number[] = []
  for (let n = 0; n < 40; n += 1) ids.push(await desk.ticket(requester))
  await desk.assign()
  const due = new Date(desk.clock.now().getTime() + 60_000)
  t.match(await desk.sweep(), { breached: 0, warned: 0 })
  desk.clock.advance(60_000)
  const results = await Promise.all(
    Array.from({ length: 16 }, async () => {
      let breached = 0
      for (let turn = 0; turn < 8; turn += 1) breached += (await desk.sweep(6)).breached
      return breached
    }),
  )
  t.equal(
    results.reduce((sum, each) => sum + each, 0),
    80,
  )
  t.match(await desk.sweep(), { breached: 0, warned: 0, more: false })
  t.equal(await desk.db.$count(slaClocks, eq(slaClocks.breachedAt, due)), 80)
  for (const id of ids) t.equal((await eventsOf(desk, id, 'sla_breach')).length, 2)
  const told = (userId: number) =>
    desk.db.$count(alerts, and(eq(alerts.userId, userId), eq(alerts.alertType, 'sla_violation')))
  for (const { id } of supervisors) t.equal(await told(id), 80)
  const byAgent = await Promise.all(agents.map(({ id }) => told(id)))
  t.equal(
    byAgent.reduce((sum, each) => sum + each, 0),
    80,
  )
  t.equal(await desk.db.$count(emailDeliveries, eq(emailDeliveries.template, 'sla_violation')), 240)
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test('a warning once, to the assignee, without mail; nothing once it is breached', async (t) => {
  const desk = await createCoreDesk(t, 12)
  await setTargets(desk, 100, 200)
  const [agent] = await desk.agents(1)
  const supervisor = await desk.person('Technical Supervisor', { isAvailable: false })
  const id = await desk.ticket(await desk.person('Normal User'))
  await desk.assign()
  desk.clock.advance(80_000)
  const results = await Promise.all(Array.from({ length: 8 }, () => desk.sweep()))
  t.equal(
    results.reduce((sum, each) => sum + each.warned, 0),
    1,
  )
  t.match(await clockOf(desk, id, 'first_response'), { warnedAt: desk.clock.now(), breachedAt: null })
  const warnings = await desk.db.select().from(alerts).where(eq(alerts.alertType, 'sla_warning'))
  t.match(warnings, [{ userId: agent!.id, ticketId: id }])
  t.equal(await desk.db.$count(emailDeliveries, eq(emailDeliveries.userId, supervisor.id)), 0)
  t.match(await desk.core.tickets.get(agent!, id), { sla: { first_response: { at_risk: true } } })

  desk.clock.advance(120_000)
  t.match(await desk.sweep(), { breached: 2, warned: 0 }, 'late for both: no warning of what is breached')
  t.match(await desk.core.tickets.get(agent!, id), {
    sla_violated: true,
    sla: { resolution: { state: 'breached', at_risk: false } },
  })
  t.equal(await desk.db.$count(slaClocks, isNotNull(slaClocks.warnedAt)), 1)
})

t.test('paused and stopped clocks neither warn nor breach', async (t) => {
  const desk = await createCoreDesk(t)
  await setTargets(desk, 60, 60)
  const [agent] = await desk.agents(1)
  const requester = await desk.person('Normal User')
  const paused = await desk.ticket(requester)
  const done = await desk.ticket(requester)
  await desk.core.messages.post(agent!, { ticketId: paused, body: 'Which one?' })
  await desk.core.tickets.update(agent!, paused, { status: 'Pending' })
  await desk.core.tickets.update(agent!, done, { status: 'Resolved' })
  desk.clock.advance(90_000_000)
  t.match(await desk.sweep(), { breached: 0, warned: 0 })
  await desk.core.tickets.update(agent!, paused, { status: 'Open' })
  desk.clock.advance(59_000)
  t.match(await desk.sweep(), { breached: 0, warned: 1 })
  desk.clock.advance(1_000)
  t.match(await desk.sweep(), { breached: 1 })
  t.match(await clockOf(desk, paused, 'resolution'), { breachedAt: desk.clock.now() })
})

t.test('breaches and warnings are events for staff only', async (t) => {
  const desk = await createCoreDesk(t)
  await setTargets(desk, 60, 60)
  const [agent] = await desk.agents(1)
  const requester = await desk.person('Normal User')
  const id = await desk.ticket(requester)
  desk.clock.advance(60_000)
  await desk.sweep()
  await desk.core.messages.post(requester, { ticketId: id, body: 'Anybody?' })
  const seen = await desk.core.messages.events(requester, id, FROM_START)
  t.match(
    seen.map(({ seq, type }) => ({ seq, type })),
    [
      { seq: 1, type: 'ticket_created' },
      { seq: 2, type: 'message' },
    ],
  )
  const all = await desk.core.messages.events(agent!, id, FROM_START)
  t.strictSame(
    all.map((event) => event.seq),
    [1, 2, 3, 4],
  )
})
