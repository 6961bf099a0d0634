import { checkRandomDay, rebuildDays, rollDays } from '@servicedesk/core'
import { type Database, statsDays, statsMarks, statsRolled, tickets } from '@servicedesk/db'
import { rollUp } from '@servicedesk/testing'
import { eq, isNotNull, isNull, sql } from 'drizzle-orm'
import t from 'tap'
import { type CoreDesk, createCoreDesk } from '../helpers/desk.ts'

const DAY = 86_400_000
const dayOf = (date: Date) => date.toISOString().slice(0, 10)

/** A desk whose clock says three days ago, and a ticket that was resolved there by an agent. */
async function pastDesk(t: Parameters<typeof createCoreDesk>[0]) {
  const desk = await createCoreDesk(t)
  desk.clock.advance(-3 * DAY)
  const day = dayOf(desk.clock.now())
  const [agent] = await desk.agents(1)
  const requester = await desk.person('Normal User')
  const id = await desk.ticket(requester)
  await desk.core.tickets.update(agent!, id, { assigned_to: agent!.id, status: 'Resolved' })
  const settled = async () => {
    const [row] = await desk.db.select().from(statsDays).where(eq(statsDays.dimension, 'all'))
    return row === undefined ? undefined : { day: row.day, settled: row.settled, handleMs: row.handleMs }
  }
  return { desk, agent: agent!, requester, id, day, settled }
}

/** Whoever waits for it goes on when it is opened. */
function gate() {
  let open: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, passed }
}

const marks = async (desk: CoreDesk) =>
  [...new Set((await desk.db.select().from(statsMarks)).map((mark) => mark.day))].sort()

/** The three days that have ended, with ids of another server: nobody waits for what this one still has under way. */
async function noteDays(desk: CoreDesk): Promise<void> {
  const days = [1, 2, 3].map((n) => ({ day: dayOf(new Date(Date.now() - n * DAY)), endXid: 4e15 }))
  await desk.db.insert(statsRolled).values(days)
}

t.test('days that have ended are rolled once; today is not', async (t) => {
  const { desk, day, settled } = await pastDesk(t)
  t.same(await marks(desk), [day])
  t.equal(await rollUp(desk.db), 3)
  t.same(await settled(), { day, settled: 1, handleMs: 0 })
  t.same(await marks(desk), [])
  t.equal(await desk.db.$count(statsRolled), 3)
  t.match(await rollDays(desk.db), { days: 0, more: false }, 'nothing is left to do')
  t.ok((await desk.db.select().from(statsRolled)).every((row) => row.day < dayOf(new Date())))
})

t.test('more days than a run may do are left to the next', async (t) => {
  const { desk } = await pastDesk(t)
  await noteDays(desk)
  t.same(await rollDays(desk.db, 2), { days: 2, more: true })
  t.same(await rollDays(desk.db, 2), { days: 1, more: false })
})

t.test('what may still be committed of a day keeps it from being rolled', async (t) => {
  const { desk, id, day, settled } = await pastDesk(t)
  const [begun, go] = [gate(), gate()]
  // Without triggers it is a write from before the day's end: it leaves no mark.
  const late = desk.db.transaction(async (tx) => {
    await tx.execute(sql`SET LOCAL session_replication_role = replica`)
    await tx.execute(sql`UPDATE tickets SET created_at = created_at - interval '1 second' WHERE id = ${id}`)
    begun.open()
    await go.passed
  })
  await begun.passed
  t.match(await rollDays(desk.db), { days: 0 })
  t.equal(await settled(), undefined)
  t.match(await desk.core.analytics.statusCounts(), { closed: 1 }, 'counted from the rows meanwhile')
  go.open()
  await late
  t.equal(await rollUp(desk.db), 3)
  t.same(await settled(), { day, settled: 1, handleMs: 1_000 })
})

t.test('a restored database has ids of another server, which nobody waits for', async (t) => {
  const { desk } = await pastDesk(t)
  await noteDays(desk)
  t.equal(await rollUp(desk.db), 3)
})

t.test(
  'a change of the past marks its days and no others; figures are right before and after the roll',
  async (t) => {
    const { desk, agent, requester, id, day } = await pastDesk(t)
    const admin = await desk.person('System Admin')
    await rollUp(desk.db)
    const next = dayOf(new Date(desk.clock.now().getTime() + DAY))
    const acts: [what: string, marked: string[], act: () => Promise<unknown>][] = [
      [
        'a new ticket of the day after',
        [next],
        async () => {
          desk.clock.advance(DAY)
          await desk.ticket(requester)
        },
      ],
      ['a comment', [], () => desk.core.messages.post(agent, { ticketId: id, body: 'A word' })],
      ['another title', [], () => desk.core.tickets.update(admin, id, { title: 'Another title' })],
      ['another priority', [day], () => desk.core.tickets.setPriority(admin, id, { priority: 'High' })],
      [
        'closing what was resolved',
        [day, next],
        () => desk.core.tickets.setStatus(admin, id, { status: 'Closed' }),
      ],
      ['opening it again', [day, next], () => desk.core.tickets.setStatus(admin, id, { status: 'Open' })],
      ['deleting it', [day, next], () => desk.core.tickets.remove(admin, id, undefined)],
    ]
    for (const [what, marked, act] of acts) {
      await act()
      t.same(await marks(desk), marked, what)
      const before = await desk.core.tickets.stats(admin)
      await rollUp(desk.db)
      t.same(await marks(desk), [], what)
      t.same(await desk.core.tickets.stats(admin), before, what)
    }
  },
)

t.test('today leaves no marks, and a rolled back change none', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent] = await desk.agents(1)
  const admin = await desk.person('System Admin')
  const id = await desk.ticket(await desk.person('Normal User'))
  await desk.core.tickets.update(agent!, id, {
    assigned_to: agent!.id,
    priority: 'Critical',
    status: 'Resolved',
  })
  await desk.core.tickets.setStatus(admin, id, { status: 'Open' })
  await desk.core.tickets.remove(admin, id, undefined)
  t.same(await marks(desk), [])
  const backdate = desk.db.transaction(async (tx) => {
    await tx.update(tickets).set({ deletedAt: null, createdAt: new Date(Date.now() - 2 * DAY) })
    throw new Error('rolled back')
  })
  await t.rejects(backdate, { message: 'rolled back' })
  t.same(await marks(desk), [])
  await desk.db.update(tickets).set({ deletedAt: null, createdAt: new Date(Date.now() - 2 * DAY) })
  t.same(await marks(desk), [dayOf(new Date(Date.now() - 2 * DAY))])
})

t.test('however many rows a transaction changes, a day has one mark of it', async (t) => {
  const { desk, requester, day } = await pastDesk(t)
  for (let n = 0; n < 5; n += 1) await desk.ticket(requester)
  await rollUp(desk.db)
  await desk.db.update(tickets).set({ deletedAt: new Date() })
  t.same(
    (await desk.db.select().from(statsMarks)).map((mark) => mark.day),
    [day],
  )
})

t.test('any number of rolls side by side lose nothing, while the past changes', async (t) => {
  const { desk, requester, day, settled } = await pastDesk(t)
  const ids: number[] = []
  for (let n = 0; n < 12; n += 1) ids.push(await desk.ticket(requester))
  const admin = await desk.person('System Admin')
  const rolls = async () => {
    for (let n = 0; n < 6; n += 1) await rollDays(desk.db)
  }
  const changes = async () => {
    for (const id of ids) await desk.core.tickets.setStatus(admin, id, { status: 'Resolved' })
  }
  await Promise.all([changes(), rolls(), rolls(), rolls()])
  t.match(await desk.core.analytics.statusCounts(), { open: 0, closed: 13 })
  await rollUp(desk.db)
  t.same(await settled(), { day, settled: 13, handleMs: 0 })
  t.same(await marks(desk), [])
})

t.test('a roll whose snapshot is of before another one leaves the day to it', async (t) => {
  const { desk, day, settled } = await pastDesk(t)
  await noteDays(desk)
  const [seen, go] = [gate(), gate()]
  let rolls = 0
  const late: Pick<Database, 'transaction'> = {
    transaction: (work, options) =>
      desk.db.transaction(async (tx) => {
        rolls += 1
        // The last of the three days is the ticket's. Whatever is read first decides what is seen from then on.
        await tx.execute(sql`SELECT 1`)
        if (rolls === 3) {
          seen.open()
          await go.passed
        }
        return work(tx)
      }, options),
  }
  const overtaken = rollDays(Object.assign(Object.create(desk.db), late))
  await seen.passed
  t.equal(await rollUp(desk.db), 1)
  go.open()
  t.match(await overtaken, { days: 2 })
  t.same(await settled(), { day, settled: 1, handleMs: 0 })
})

t.test('a check finds a row that is wrong, missing or too much, and mends it', async (t) => {
  const { desk, settled, day } = await pastDesk(t)
  t.equal(await checkRandomDay(desk.db), undefined, 'nothing is rolled')
  await rollUp(desk.db)
  // The only day to be drawn.
  await desk.db.update(statsRolled).set({ rolledAt: null }).where(sql`day <> ${day}`)
  t.same(await checkRandomDay(desk.db), { day, wrong: 0 })
  const wrongs: [wrong: number, spoil: () => Promise<unknown>][] = [
    [2, () => desk.db.update(statsDays).set({ settled: 7 }).where(eq(statsDays.dimension, 'all'))],
    [1, () => desk.db.delete(statsDays).where(eq(statsDays.dimension, 'all'))],
    [2, () => desk.db.execute(sql`UPDATE stats_slots SET created = created + 1`)],
    [1, () => desk.db.execute(sql`INSERT INTO stats_days VALUES (${day}, 'agent', 999, 1, 1, 1, 1, 1, 1)`)],
  ]
  for (const [wrong, spoil] of wrongs) {
    await spoil()
    t.same(await checkRandomDay(desk.db), { day, wrong })
    t.same(await checkRandomDay(desk.db), { day, wrong: 0 })
    t.same(await settled(), { day, settled: 1, handleMs: 0 })
  }
})

t.test('a rebuild writes every day anew and says how far it is', async (t) => {
  const { desk, day, settled } = await pastDesk(t)
  await rollUp(desk.db)
  await desk.db.update(statsDays).set({ settled: 7 })
  const told: number[][] = []
  t.same(await rebuildDays(desk.db, (done, all) => told.push([done, all])), { days: 3, left: 0 })
  t.same(told, [
    [1, 3],
    [2, 3],
    [3, 3],
  ])
  t.same(await settled(), { day, settled: 1, handleMs: 0 })
  t.equal(await desk.db.$count(statsRolled, isNull(statsRolled.rolledAt)), 0)
  t.equal(await desk.db.$count(statsRolled, isNotNull(statsRolled.rolledAt)), 3)
})
