import { alerts, emailDeliveries } from '@servicedesk/db'
import { and, eq } from 'drizzle-orm'
import t from 'tap'
import { clockLog, clockOf, eventsOf, setTargets } from '../helpers/clocks.ts'
import { createCoreDesk } from '../helpers/desk.ts'

for (const status of ['Resolved', 'Closed', 'Pending']) {
  t.test(
    `${status} after the due time but before the sweep: the breach is recorded where it was due`,
    async (t) => {
      const desk = await createCoreDesk(t)
      await setTargets(desk, 60, 120)
      const [agent] = await desk.agents(1)
      const supervisor = await desk.person('Technical Supervisor', { isAvailable: false })
      const id = await desk.ticket(await desk.person('Normal User'))
      await desk.core.tickets.update(agent!, id, { assigned_to: agent!.id })
      const due = new Date(desk.clock.now().getTime() + 120_000)
      desk.clock.advance(500_000)
      await desk.core.tickets.update(agent!, id, { status })
      t.match(await clockOf(desk, id, 'resolution'), { breachedAt: due })
      await Promise.all([desk.sweep(), desk.sweep()])
      t.equal(
        (await eventsOf(desk, id, 'sla_breach')).filter((row) => row.data.metric === 'resolution').length,
        1,
      )
      const log = await clockLog(desk, id, 'resolution')
      t.equal(log.filter((type) => type === 'breach').length, 1)
      for (const { id: userId } of [agent!, supervisor]) {
        const about = and(eq(alerts.userId, userId), eq(alerts.alertType, 'sla_violation'))
        t.equal(await desk.db.$count(alerts, about), 2, 'one a clock')
      }
      t.equal(await desk.db.$count(emailDeliveries, eq(emailDeliveries.template, 'sla_violation')), 4)
    },
  )
}

t.test('answered late: the first response is breached where it was due', async (t) => {
  const desk = await createCoreDesk(t)
  await setTargets(desk, 60, 9_999)
  const [agent] = await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'))
  const due = new Date(desk.clock.now().getTime() + 60_000)
  desk.clock.advance(60_000)
  await desk.core.messages.post(agent!, { ticketId: id, body: 'Sorry' })
  t.match(await clockOf(desk, id, 'first_response'), { state: 'stopped', breachedAt: due })
  t.match(await desk.core.tickets.get(agent!, id), {
    sla: { first_response: { state: 'breached' }, resolution: { state: 'running' } },
    sla_violated: false,
  })
})

t.test('a millisecond before the due time is in time; a recorded breach stays after reopening', async (t) => {
  const desk = await createCoreDesk(t)
  await setTargets(desk, 60, 60)
  const [agent] = await desk.agents(1)
  const requester = await desk.person('Normal User')
  const inTime = await desk.ticket(requester)
  const late = await desk.ticket(requester)
  desk.clock.advance(59_999)
  await desk.core.tickets.update(agent!, inTime, { status: 'Resolved' })
  desk.clock.advance(1)
  await desk.core.tickets.update(agent!, late, { status: 'Resolved' })
  t.equal((await clockOf(desk, inTime, 'resolution')).breachedAt, null)
  const breachedAt = desk.clock.now()
  t.match(await clockOf(desk, late, 'resolution'), { breachedAt })
  await desk.core.tickets.update(agent!, late, { status: 'Open' })
  desk.clock.advance(9_000_000)
  await desk.sweep()
  t.match(await clockOf(desk, late, 'resolution'), { breachedAt, state: 'running' })
  t.match(await clockLog(desk, late, 'resolution'), ['start', 'breach', 'stop', 'resume'])
})
