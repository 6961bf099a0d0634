import { type Recomputed, recomputeBatch } from '@servicedesk/core'
import { calendarVersions, slaClockEvents, slaPolicies } from '@servicedesk/db'
import { and, eq, sql } from 'drizzle-orm'
import t from 'tap'
import { clockLog, clockOf, eventsOf } from '../helpers/clocks.ts'
import { type CoreDesk, createCoreDesk } from '../helpers/desk.ts'

const HOUR = 3_600_000

/** Batches as the jobs do them, each in a transaction of its own. */
async function recompute(desk: CoreDesk, limit = 2): Promise<Recomputed[]> {
  const batches: Recomputed[] = []
  for (let after: number | null = 0; after !== null; after = batches.at(-1)?.next ?? null) {
    const from = after
    batches.push(
      await desk.db.transaction(async (tx) =>
        recomputeBatch(tx, await desk.configuration(), from, desk.clock.now(), limit),
      ),
    )
  }
  return batches
}
const moved = (batches: readonly Recomputed[]) => batches.reduce((sum, batch) => sum + batch.moved, 0)
const edit = (desk: CoreDesk, name: string, set: Partial<typeof slaPolicies.$inferInsert>) =>
  desk.db
    .update(slaPolicies)
    .set({ ...set, changedAt: desk.clock.now() })
    .where(eq(slaPolicies.name, name))

t.test('an edited target moves the open clocks that it touches, in batches, as of the edit', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const requester = await desk.person('Normal User')
  const start = desk.clock.now().getTime()
  const ids: number[] = []
  for (let n = 0; n < 5; n += 1) ids.push(await desk.ticket(requester))
  const [first, paused, done] = ids as [number, number, number]
  const low = await desk.ticket(requester, { priority: 'Low' })
  desk.clock.advance(HOUR)
  await desk.core.tickets.update(agent!, paused, { status: 'Pending' })
  await desk.core.tickets.update(agent!, done, { status: 'Resolved' })
  const before = await clockOf(desk, done, 'resolution')
  desk.clock.advance(HOUR)
  await edit(desk, 'Medium', { resolutionSeconds: 10 * 3_600, warnPercent: 50 })
  // The job comes late: the edit counts from when it was made.
  desk.clock.advance(3 * HOUR)

  const batches = await recompute(desk)
  t.match(batches, [
    { seen: 2, moved: 2 },
    { seen: 2, moved: 2 },
    { seen: 1, moved: 0, next: null },
  ])
  t.match(await clockOf(desk, first, 'resolution'), {
    elapsedMs: 2 * HOUR,
    targetSeconds: 36_000,
    dueAt: new Date(start + 10 * HOUR),
    warnAt: new Date(start + 5 * HOUR),
    breachedAt: null,
  })
  t.match(await clockOf(desk, paused, 'resolution'), {
    state: 'paused',
    elapsedMs: HOUR,
    targetSeconds: 36_000,
  })
  t.strictSame(await clockOf(desk, done, 'resolution'), before, 'what is resolved keeps its promise')
  t.match(await clockOf(desk, low, 'resolution'), { targetSeconds: 72 * 3_600 })
  const { id } = await clockOf(desk, first, 'resolution')
  const [applied] = await desk.db
    .select()
    .from(slaClockEvents)
    .where(and(eq(slaClockEvents.clockId, id), eq(slaClockEvents.type, 'apply_policy')))
  t.match(applied, { at: new Date(start + 2 * HOUR), data: { target_seconds: 36_000, warn_percent: 50 } })
  t.equal(moved(await recompute(desk)), 0, 'once')

  await desk.core.tickets.update(agent!, done, { status: 'Open' })
  t.match(
    await clockOf(desk, done, 'resolution'),
    { targetSeconds: 36_000, elapsedMs: HOUR },
    'until it is reopened',
  )
  t.strictSame(await clockLog(desk, done, 'resolution'), ['start', 'stop', 'resume', 'apply_policy'])
})

t.test(
  'what a shorter target makes late is breached at the edit, and what was late before it, when it was due',
  async (t) => {
    const desk = await createCoreDesk(t)
    const requester = await desk.person('Normal User')
    const early = await desk.ticket(requester, { priority: 'Critical' })
    const late = await desk.ticket(requester, { priority: 'Low' })
    const due = new Date(desk.clock.now().getTime() + 4 * HOUR)
    desk.clock.advance(5 * HOUR)
    const edited = desk.clock.now()
    await edit(desk, 'Critical', { resolutionSeconds: 100 * 3_600 })
    await edit(desk, 'Low', { resolutionSeconds: 3_600 })
    desk.clock.advance(HOUR)
    await recompute(desk)
    t.match(await clockOf(desk, early, 'resolution'), { breachedAt: due })
    t.match(await clockOf(desk, late, 'resolution'), { breachedAt: edited })
    await desk.sweep()
    for (const id of [early, late]) {
      const breaches = await eventsOf(desk, id, 'sla_breach')
      t.equal(breaches.filter((each) => each.data.metric === 'resolution').length, 1)
    }
  },
)

t.test('a holiday that is added: the time of before it stays counted, the day adds nothing', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const monday = Date.parse('2027-02-01T00:00:00Z')
  desk.clock.advance(monday - desk.clock.now().getTime())
  const id = await desk.ticket(await desk.person('Normal User'))
  desk.clock.advance(6 * HOUR)
  const [policy] = await desk.db.select().from(slaPolicies).where(eq(slaPolicies.name, 'Medium'))
  const [version] = await desk.db
    .select()
    .from(calendarVersions)
    .where(eq(calendarVersions.calendarId, policy!.calendarId))
  const { id: _, ...content } = version!
  const holidays = [{ date: '2027-02-01', name: 'Today after all' }]
  await desk.db.insert(calendarVersions).values({ ...content, holidays, createdAt: desk.clock.now() })
  desk.clock.advance(2 * HOUR)
  await recompute(desk)
  t.match(await clockOf(desk, id, 'resolution'), {
    elapsedMs: 6 * HOUR,
    dueAt: new Date(monday + 24 * HOUR + 18 * HOUR),
  })
  t.match(await desk.core.tickets.get(agent!, id), {
    sla: { resolution: { elapsed_seconds: 6 * 3_600, remaining_seconds: 18 * 3_600 } },
  })
  t.match((await clockOf(desk, id, 'first_response')).breachedAt, new Date(monday + 4 * HOUR))
})

t.test('a warning is taken back when there is time again, and given again', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const id = await desk.ticket(await desk.person('Normal User'), { priority: 'Critical' })
  desk.clock.advance(3.5 * HOUR)
  await desk.sweep()
  t.match(await desk.core.tickets.get(agent!, id), { sla: { resolution: { at_risk: true } } })
  await desk.core.tickets.update(agent!, id, { priority: 'Low' })
  t.match(await desk.core.tickets.get(agent!, id), { sla: { resolution: { at_risk: false } } })
  desk.clock.advance(60 * HOUR)
  await desk.sweep()
  t.match(await desk.core.tickets.get(agent!, id), {
    sla: { resolution: { at_risk: true, state: 'running' } },
  })
  t.strictSame(await clockLog(desk, id, 'resolution'), ['start', 'warn', 'apply_policy', 'warn'])
})

t.test('a policy that is retired leaves its clocks to the next that matches', async (t) => {
  const desk = await createCoreDesk(t)
  const requester = await desk.person('Normal User')
  const [medium] = await desk.db.select().from(slaPolicies).where(eq(slaPolicies.name, 'Medium'))
  const { id: _, ...rest } = medium!
  const special = { ...rest, name: 'Special', position: 1, resolutionSeconds: 3_600 }
  const [made] = await desk.db.insert(slaPolicies).values(special).returning()
  const id = await desk.ticket(requester)
  t.match(await clockOf(desk, id, 'resolution'), { policyId: made!.id })
  desk.clock.advance(600_000)
  await edit(desk, 'Special', { isActive: false })
  t.equal(moved(await recompute(desk)), 1)
  t.match(await clockOf(desk, id, 'resolution'), { policyId: medium!.id, elapsedMs: 600_000 })
})

t.test(
  'a ticket that nothing was promised for gets its clocks with the first policy that matches',
  async (t) => {
    const desk = await createCoreDesk(t)
    const [agent] = await desk.agents(1)
    const requester = await desk.person('Normal User')
    await edit(desk, 'Low', { isActive: false })
    desk.clock.advance(2_000)
    const ids: number[] = []
    for (let n = 0; n < 4; n += 1) ids.push(await desk.ticket(requester, { priority: 'Low' }))
    const [raised, waiting, paused, done] = ids as [number, number, number, number]
    t.match(await desk.core.tickets.get(agent!, raised), { sla: { first_response: null, resolution: null } })
    await desk.core.messages.post(agent!, { ticketId: paused, body: 'A word' })
    await desk.core.tickets.update(agent!, paused, { status: 'Pending' })
    await desk.core.tickets.update(agent!, done, { status: 'Resolved' })
    desk.clock.advance(HOUR)
    await desk.core.tickets.update(agent!, raised, { priority: 'Critical' })
    const now = desk.clock.now()
    t.match(await clockOf(desk, raised, 'resolution'), { state: 'running', runningSince: now, elapsedMs: 0 })

    await edit(desk, 'Low', { isActive: true })
    t.equal(moved(await recompute(desk)), 2)
    t.match(await clockOf(desk, waiting, 'first_response'), { state: 'running', runningSince: now })
    t.match(await clockOf(desk, paused, 'resolution'), { state: 'paused', pausedAt: now, dueAt: null })
    t.strictSame(await clockLog(desk, paused, 'resolution'), ['start', 'pause'])
    t.equal(await clockOf(desk, paused, 'first_response'), undefined, 'answered before')
    t.equal(await clockOf(desk, done, 'resolution'), undefined)
    t.equal(moved(await recompute(desk)), 0)
  },
)

t.test('a ticket that somebody else has locked is left to the next batch, which waits for it', async (t) => {
  const desk = await createCoreDesk(t)
  const requester = await desk.person('Normal User')
  const [, busy, last] = [
    await desk.ticket(requester),
    await desk.ticket(requester),
    await desk.ticket(requester),
  ]
  await edit(desk, 'Medium', { resolutionSeconds: 7_200 })
  const batch = (after: number) =>
    desk.db.transaction(async (tx) =>
      recomputeBatch(tx, await desk.configuration(), after, desk.clock.now(), 10),
    )
  let waits: Promise<Recomputed> | undefined
  await desk.db.transaction(async (tx) => {
    await tx.execute(sql`SELECT 1 FROM tickets WHERE id = ${busy} FOR UPDATE`)
    t.match(await batch(0), { seen: 3, moved: 2, next: busy - 1 })
    waits = batch(busy - 1)
  })
  t.match(await waits, { seen: 2, moved: 1, next: null })
  for (const id of [busy, last]) t.match(await clockOf(desk, id, 'resolution'), { targetSeconds: 7_200 })
})
