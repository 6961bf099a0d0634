import { elapsedAt, recomputeBatch, replayClock } from '@servicedesk/core'
import { calendarVersions, type Metric, slaClockEvents, slaPolicies } from '@servicedesk/db'
import { asc, eq } from 'drizzle-orm'
import fc from 'fast-check'
import type { Test } from 'tap'
import { createBusinessTime } from '../../src/calendars/business-time.ts'
import { rulesOf } from '../../src/calendars/business-times.ts'
import { snapshotOfClock } from '../helpers/clocks.ts'
import { type CoreDesk, createCoreDesk } from '../helpers/desk.ts'
import { RULES, resolutionOracle } from './history-oracle.ts'

const HOUR = 3_600_000
/** The eve of a change to summer time in New York. */
const BEGIN = Date.parse('2027-03-12T15:00:00Z')
/** Longer than a process keeps the configuration. */
const LEAST_WAIT = 2_000

type Op =
  | { op: 'status'; to: 'Open' | 'In Progress' | 'Pending' | 'Resolved' }
  | { op: 'target'; seconds: number }
  | { op: 'calendar'; rules: number }
  | { op: 'answer' | 'sweep' | 'recompute' }

const operation: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('Open', 'In Progress', 'Pending', 'Resolved')
      .map((to) => ({ op: 'status' as const, to })),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 60, max: 200_000 }).map((seconds) => ({ op: 'target' as const, seconds })),
  },
  { weight: 2, arbitrary: fc.nat(RULES.length - 1).map((rules) => ({ op: 'calendar' as const, rules })) },
  { weight: 2, arbitrary: fc.constantFrom('answer', 'sweep', 'recompute').map((op) => ({ op }) as Op) },
)
const history = fc.array(
  fc.record({
    wait: fc.oneof(
      fc.integer({ min: LEAST_WAIT, max: HOUR }),
      fc.integer({ min: LEAST_WAIT, max: 40 * HOUR }),
    ),
    does: operation,
  }),
  { minLength: 3, maxLength: 12 },
)

async function situation(t: Parameters<typeof createCoreDesk>[0]) {
  const desk = await createCoreDesk(t)
  desk.clock.advance(BEGIN - desk.clock.now().getTime())
  const [agent] = await desk.agents(1, { maxTickets: 1_000 })
  const requester = await desk.person('Normal User')
  const [policy] = await desk.db.select().from(slaPolicies).where(eq(slaPolicies.name, 'Medium'))
  const edit = {
    async target(seconds: number) {
      await desk.db
        .update(slaPolicies)
        .set({ resolutionSeconds: seconds, changedAt: desk.clock.now() })
        .where(eq(slaPolicies.id, policy!.id))
    },
    async calendar(rules: number) {
      const { timeZone, intervals, holidays } = RULES[rules]!
      await desk.db.insert(calendarVersions).values({
        calendarId: policy!.calendarId,
        timeZone,
        intervals: [...intervals],
        holidays: holidays.map((date) => ({ date, name: 'A day off' })),
        createdAt: desk.clock.now(),
      })
    },
  }
  const recompute = () =>
    desk.db.transaction(async (tx) => {
      let after: number | null = 0
      while (after !== null)
        after = (await recomputeBatch(tx, await desk.configuration(), after, desk.clock.now(), 2)).next
    })
  return { desk, agent: agent!, requester, edit, recompute }
}

/** A clock as its row has it, and as its log rebuilds it. */
async function bothWays(desk: CoreDesk, ticketId: number, metric: Metric) {
  const row = await snapshotOfClock(desk, ticketId, metric)
  const log = await desk.db
    .select()
    .from(slaClockEvents)
    .where(eq(slaClockEvents.clockId, row.id))
    .orderBy(asc(slaClockEvents.seq))
  const versions = new Map(
    (await desk.db.select().from(calendarVersions)).map((each) => [
      each.id,
      createBusinessTime(rulesOf(each)),
    ]),
  )
  const rebuilt = replayClock(row, log as never, (id) => versions.get(id)!)
  return { row, rebuilt, log, time: versions.get(row.calendarVersionId)! }
}

/**
 * Plays random histories of a ticket and of edits, and asserts that each clock's row is what its log rebuilds, and what a
 * minute-by-minute count says.
 */
export async function anyHistory(t: Test, numRuns: number): Promise<void> {
  const { desk, agent, requester, edit, recompute } = await situation(t)
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 3_600, max: 300_000 }),
      fc.nat(RULES.length - 1),
      history,
      async (target, rules, steps) => {
        await edit.target(target)
        await edit.calendar(rules)
        desk.clock.advance(LEAST_WAIT)
        const id = await desk.ticket(requester)
        await desk.core.tickets.update(agent, id, { assigned_to: agent.id })
        const expected = resolutionOracle(desk.clock.now().getTime(), target, RULES[rules]!)
        for (const { wait, does } of steps) {
          desk.clock.advance(wait)
          const now = desk.clock.now().getTime()
          // Two edits that a clock hears of at once are one to it, made when the later one was.
          if (does.op === 'target' || does.op === 'calendar') await recompute()
          if (does.op === 'status') {
            const { status } = await desk.core.tickets.get(agent, id)
            // Done is left by reopening only.
            const to = status === 'Resolved' ? 'Open' : does.to
            if (to === status) continue
            await desk.core.tickets.update(agent, id, { status: to })
            expected.status(now, to)
          } else if (does.op === 'target') {
            await edit.target(does.seconds)
            expected.target(now, does.seconds)
          } else if (does.op === 'calendar') {
            await edit.calendar(does.rules)
            expected.calendar(now, RULES[does.rules]!)
          } else if (does.op === 'answer')
            await desk.core.messages.post(agent, { ticketId: id, body: 'A word' })
          else if (does.op === 'sweep') await desk.sweep()
          else await recompute()
        }
        desk.clock.advance(LEAST_WAIT)
        const now = desk.clock.now()
        await recompute()
        while ((await desk.sweep()).more);
        const { row, rebuilt, time } = await bothWays(desk, id, 'resolution')
        t.strictSame(rebuilt, row)
        const first = await bothWays(desk, id, 'first_response')
        t.strictSame(first.rebuilt, first.row)
        t.match(
          {
            state: row.state,
            elapsed: elapsedAt(row, now, time),
            breachedAt: row.breachedAt?.getTime() ?? null,
          },
          expected.at(now.getTime()),
        )
        if (row.state === 'running' && row.breachedAt === null)
          t.equal(row.dueAt?.getTime(), expected.dueAt(now.getTime()) ?? row.dueAt?.getTime())
        return t.passing()
      },
    ),
    { numRuns, endOnFailure: true },
  )
}
