import { agents as agentRows } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { clockLog, clockOf, eventsOf, setTargets } from '../helpers/clocks.ts'
import { createCoreDesk } from '../helpers/desk.ts'
import { brokenPromises } from '../helpers/load.ts'

const MINUTE = 60_000
const DAY = 24 * 3_600_000

t.test('a requester reopens what is Resolved: time goes on where it stopped', async (t) => {
  const desk = await createCoreDesk(t)
  await setTargets(desk, 600, 3_600)
  const [agent] = await desk.agents(1)
  const owner = await desk.person('Normal User')
  const id = await desk.ticket(owner)
  await desk.assign()
  desk.clock.advance(10 * MINUTE - 1_000)
  await desk.core.tickets.setStatus(agent!, id, { status: 'Resolved', comment: 'Cable replaced.' })
  const resolved = await desk.core.tickets.get(owner, id)
  t.match(resolved, {
    status: 'Resolved',
    resolved_at: desk.clock.now().toISOString(),
    first_response_at: desk.clock.now().toISOString(),
    sla: {
      resolution: { state: 'met', elapsed_seconds: 599 },
      first_response: { state: 'met', elapsed_seconds: 599 },
    },
  })
  desk.clock.advance(30 * DAY)
  const reopened = await desk.core.tickets.setStatus(owner, id, { status: 'open', comment: 'Still black.' })
  const dueAt = new Date(desk.clock.now().getTime() + 3_001_000).toISOString()
  t.match(reopened, {
    status: 'Open',
    assigned_to: agent!.id,
    resolved_at: null,
    closed_at: null,
    first_response_at: resolved.first_response_at,
    sla: {
      resolution: { state: 'running', elapsed_seconds: 599, due_at: dueAt },
      first_response: { state: 'met', elapsed_seconds: 599 },
    },
  })
  t.strictSame(await clockLog(desk, id, 'first_response'), ['start', 'stop'], 'never restarts')
  t.strictSame(await clockLog(desk, id, 'resolution'), ['start', 'stop', 'resume'])
  t.strictSame(await brokenPromises(desk.db), [])
})

t.test('a recorded breach stays a breach, resolved and reopened and resolved again', async (t) => {
  const desk = await createCoreDesk(t)
  await setTargets(desk, 60, 120)
  const [agent] = await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'))
  const due = new Date(desk.clock.now().getTime() + 120_000)
  desk.clock.advance(5 * MINUTE)
  for (const status of ['Resolved', 'Open', 'Closed', 'Open', 'Resolved']) {
    desk.clock.advance(MINUTE)
    const moved = await desk.core.tickets.setStatus(agent!, id, { status })
    t.match(moved, { status, sla_violated: true, sla: { resolution: { state: 'breached' } } })
  }
  t.match(await clockOf(desk, id, 'resolution'), { breachedAt: due })
  t.equal((await eventsOf(desk, id, 'sla_breach')).length, 2, 'one a metric, once')
})

t.test(
  'Closed is reopened by its requester for 14 days to the millisecond, by staff at any time',
  async (t) => {
    const desk = await createCoreDesk(t)
    const [agent] = await desk.agents(1)
    const owner = await desk.person('Normal User')
    const id = await desk.ticket(owner)
    await desk.core.tickets.setStatus(owner, id, { status: 'Closed' })
    desk.clock.advance(14 * DAY)
    t.match(await desk.core.tickets.setStatus(owner, id, { status: 'Open' }), { status: 'Open' })
    await desk.core.tickets.setStatus(owner, id, { status: 'Closed' })
    desk.clock.advance(14 * DAY + 1)
    await t.rejects(desk.core.tickets.setStatus(owner, id, { status: 'Open' }), {
      code: 'forbidden',
      extra: { allowed_transitions: [] },
    })
    t.match(await desk.core.tickets.get(owner, id), { status: 'Closed' })
    t.match(await desk.core.tickets.setStatus(agent!, id, { status: 'Open' }), { status: 'Open' })
  },
)

t.test('moved back to New, a ticket is nobody’s and waits', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const admin = await desk.person('System Admin')
  const id = await desk.ticket(await desk.person('Normal User'))
  await desk.assign()
  await desk.db.execute(`
    WITH made AS (INSERT INTO transitions (from_status_id, to_status_id)
      SELECT f.id, t.id FROM statuses f, statuses t WHERE f.name IN ('Open', 'Resolved') AND t.name = 'New' RETURNING id)
    INSERT INTO transition_roles SELECT id, 'System Admin' FROM made`)
  desk.clock.advance(2_000)
  for (const from of ['Open', 'Resolved']) {
    if (from === 'Resolved') await desk.core.tickets.setStatus(agent!, id, { status: from })
    const moved = await desk.core.tickets.setStatus(admin, id, { status: 'New' })
    t.match(moved, { status: 'New', assigned_to: null }, from)
    t.strictSame(await brokenPromises(desk.db), [])
    await desk.assign()
    t.match(await desk.core.tickets.get(admin, id), { status: 'Open', assigned_to: agent!.id })
  }
  const [load] = await desk.db.select().from(agentRows).where(eq(agentRows.userId, agent!.id))
  t.equal(load?.activeTickets, 1)
})
