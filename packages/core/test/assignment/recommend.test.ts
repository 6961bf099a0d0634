import { agents as agentRows, sessions, slaClocks, teams } from '@servicedesk/db'
import { and, eq } from 'drizzle-orm'
import t from 'tap'
import { type CoreDesk, createCoreDesk } from '../helpers/desk.ts'

const NETWORK = { category: 'Network', level: 4 }
const DAY = 24 * 3_600_000

/** One agent with skill, a record of three met clocks and one missed, and a live session; one with nothing. */
async function deskOfTwo(t: Parameters<typeof createCoreDesk>[0]) {
  const desk = await createCoreDesk(t)
  const admin = await desk.person('System Admin')
  const requester = await desk.person('Normal User')
  const [skilled, plain] = await desk.agents(2)
  await desk.core.users.update(skilled!.id, { skills: [NETWORK] })
  await desk.db.update(sessions).set({ lastUsedAt: new Date(0) })
  await desk.db.update(sessions).set({ lastUsedAt: desk.clock.now() }).where(eq(sessions.userId, skilled!.id))
  for (let n = 0; n < 4; n += 1) {
    const id = await desk.ticket(requester)
    await desk.core.assignment.assign(admin, id, skilled!.id)
    await desk.core.tickets.setStatus(admin, id, { status: 'Resolved' })
    if (n === 0) await miss(desk, id)
  }
  return { desk, admin, requester, skilled: skilled!, plain: plain! }
}

const miss = (desk: CoreDesk, ticketId: number) =>
  desk.db
    .update(slaClocks)
    .set({ breachedAt: desk.clock.now() })
    .where(and(eq(slaClocks.ticketId, ticketId), eq(slaClocks.metric, 'resolution')))

t.test('recommendations are ranked by score, with its parts and a reason', async (t) => {
  const { desk, admin, requester, skilled, plain } = await deskOfTwo(t)
  const id = await desk.ticket(requester, { category: 'Network' })
  const { recommendations } = await desk.core.assignment.explain(plain, id)
  t.same(recommendations, [
    {
      agent_id: skilled.id,
      name: skilled.name,
      score: 91.5,
      parts: { capacity: 50, skills: 24, sla: 7.5, presence: 10 },
      can_take: true,
      reason:
        '0 of at most 10 active tickets; free capacity 50 of 50, skills 24 of 30, targets met 7.5 of 10, presence 10 of 10',
    },
    {
      agent_id: plain.id,
      name: plain.name,
      score: 57.5,
      parts: { capacity: 50, skills: 0, sla: 7.5, presence: 0 },
      can_take: true,
      reason:
        '0 of at most 10 active tickets; free capacity 50 of 50, skills 0 of 30, targets met 7.5 of 10, presence 0 of 10',
    },
  ])
  desk.clock.advance(36 * 60_000)
  const later = (await desk.core.assignment.explain(plain, id)).recommendations
  t.match(later[0], { agent_id: skilled.id, parts: { presence: 0 } }, 'present for 35 minutes')
  desk.clock.advance(31 * DAY)
  await miss(desk, id)
  await desk.core.assignment.assign(admin, id, plain.id)
  const month = (await desk.core.assignment.explain(plain, id)).recommendations
  t.match(
    month.map((each) => each.parts.sla),
    [7.5, 6],
    'what was judged a month ago is forgotten; missed now is not',
  )
  await desk.core.tickets.setStatus(admin, id, { status: 'Resolved' })
  t.same(
    (await desk.core.assignment.explain(plain, id)).recommendations,
    [],
    'nobody is sought for what is done',
  )
})

t.test('the strategy score chooses by it and keeps it with the assignment', async (t) => {
  const { desk, admin, requester, skilled, plain } = await deskOfTwo(t)
  await desk.core.assignmentSettings.update(admin, { strategy: 'score' })
  const [network, other] = [
    await desk.ticket(requester, { category: 'Network' }),
    await desk.ticket(requester),
  ]
  await desk.assign()
  t.match(await desk.core.assignment.explain(plain, network), {
    assigned_to: skilled.id,
    strategy: 'score',
    score: 91.5,
    parts: {
      capacity: 50,
      skills: 24,
      sla: 7.5,
      presence: 10,
      active_tickets: 0,
      max_tickets: 10,
      candidates: 2,
    },
    reason:
      /^Technical User \d+ had 91.5 of 100 points, the most among 2 available agents: free capacity 50 of 50/,
    assigned_by: null,
  })
  t.match(await desk.core.assignment.explain(plain, other), { assigned_to: skilled.id, score: 62.5 })

  await desk.core.assignmentSettings.update(admin, {
    weights: { capacity: 100, skills: 0, sla: 0, presence: 0 },
  })
  const third = await desk.ticket(requester, { category: 'Network' })
  await desk.assign()
  t.match(await desk.core.assignment.explain(plain, third), { assigned_to: plain.id, score: 100 })
})

t.test('round robin takes turns whatever the load is', async (t) => {
  const { desk, admin, requester, skilled, plain } = await deskOfTwo(t)
  await desk.core.assignmentSettings.update(admin, { strategy: 'round_robin' })
  await desk.db.update(agentRows).set({ activeTickets: 5 }).where(eq(agentRows.userId, plain.id))
  const ids: number[] = []
  for (let n = 0; n < 4; n += 1) ids.push(await desk.ticket(requester))
  for (let n = 0; n < 4; n += 1) await desk.assign(1)
  const given = await Promise.all(ids.map((id) => desk.core.assignment.explain(admin, id)))
  t.same(
    given.map((each) => [each.assigned_to, each.strategy, each.score]),
    [plain, skilled, plain, skilled].map(({ id }) => [id, 'round_robin', null]),
  )
})

t.test('who cannot take it says why', async (t) => {
  const desk = await createCoreDesk(t)
  const admin = await desk.person('System Admin')
  const [team] = await desk.db.insert(teams).values({ name: 'Network' }).returning()
  const teamId = team!.id
  const [away] = await desk.agents(1, { teamId })
  await desk.db.update(agentRows).set({ outOfOfficeFrom: new Date(0) })
  const [holder] = await desk.agents(1, { teamId })
  const [stranger] = await desk.agents(1)
  const [full] = await desk.agents(1, { teamId, maxTickets: 0 })
  const [unavailable] = await desk.agents(1, { teamId, isAvailable: false })
  const supervisor = await desk.person('Technical Supervisor', { teamId })
  const [free] = await desk.agents(1, { teamId })
  await desk.core.assignmentSettings.update(admin, { include_supervisors: false })
  const id = await desk.ticket(admin)
  await desk.core.tickets.update(admin, id, { team: 'Network' })
  await desk.core.assignment.assign(admin, id, holder!.id)
  const { recommendations } = await desk.core.assignment.explain(admin, id)
  const reasons = new Map(
    recommendations.map((each) => [each.agent_id, [each.can_take, each.reason.split(';')[0]]]),
  )
  t.same(reasons.get(away!.id), [false, 'is out of office'])
  t.same(reasons.get(holder!.id), [false, 'has it already'])
  t.same(reasons.get(stranger!.id), [false, 'is not in team Network'])
  t.same(reasons.get(full!.id), [false, 'is at the cap'])
  t.same(reasons.get(unavailable!.id), [false, 'is not available'])
  t.same(reasons.get(supervisor.id), [false, 'is a supervisor, and the settings leave supervisors out'])
  t.same(reasons.get(free!.id), [true, '0 of at most 10 active tickets'])
})
