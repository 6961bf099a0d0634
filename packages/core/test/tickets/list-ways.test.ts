import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import t from 'tap'
import { NO_DUE_TIME, TICKET_SORTS } from '../../src/tickets/list-order.ts'
import { findPlaces, type Place } from '../../src/tickets/list-rows.ts'
import type { TicketFilter } from '../../src/tickets/ticket-filter.ts'
import { createCoreDesk } from '../helpers/desk.ts'

// Lists that no index has as they are: followed in their order a while, gathered, or read by their order to the end. All of them
// answer what sorting everything answers.

const TICKETS = 400
const desk = await createCoreDesk(t)
const nora = await desk.person('Normal User')
const first = await desk.ticket(nora)
await desk.db.execute(sql`
  INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, created_by, created_at, updated_at)
  SELECT 'Ticket ' || n, 'One of many tickets.', s.id, s.class, (SELECT id FROM priorities WHERE rank = 1 + n * 7 % 4),
    (SELECT min(id) FROM categories) + n % 3, ${nora.id}, timestamptz '2026-03-01 00:00Z' + n % 97 * interval '1 hour',
    timestamptz '2026-03-06 00:00Z' + n * 31 % 89 * interval '1 hour'
  FROM generate_series(1, ${TICKETS}::int) n, (SELECT id, class FROM statuses WHERE class = 'open' LIMIT 1) s`)
await desk.db.execute(sql`
  INSERT INTO sla_clocks (ticket_id, metric, policy_id, target_seconds, warn_percent, calendar_version_id, state, running_since,
    paused_at, warn_at, due_at, event_seq)
  SELECT t.id, 'resolution', k.policy_id, 3600, 80, k.calendar_version_id, CASE WHEN p.paused THEN 'paused' ELSE 'running' END,
    CASE WHEN NOT p.paused THEN t.created_at END, CASE WHEN p.paused THEN t.created_at END,
    CASE WHEN NOT p.paused THEN t.created_at END, CASE WHEN NOT p.paused THEN t.created_at + t.id * 13 % 71 * interval '1 hour' END, 1
  FROM tickets t, (SELECT * FROM sla_clocks LIMIT 1) k, LATERAL (SELECT t.id % 10 = 4 AS paused) p
  WHERE t.id <> ${first} AND t.id % 11 <> 5`)

interface Row extends Record<string, unknown> {
  id: number
  rank: number
  category: number
  priority: number
  created_at: string
  updated_at: string
  due_at: string
}
const rows = await desk.db.execute<Row>(sql`
  SELECT t.id, p.rank, t.category_id AS category, t.priority_id AS priority, t.created_at::text, t.updated_at::text,
    coalesce(k.due_at, 'infinity')::text AS due_at
  FROM tickets t JOIN priorities p ON p.id = t.priority_id
  LEFT JOIN sla_clocks k ON k.ticket_id = t.id AND k.metric = 'resolution'`)
const keyOf = {
  created_at: 'created_at',
  updated_at: 'updated_at',
  due_at: 'due_at',
  priority: 'rank',
} as const

const filters = fc.record({
  category: fc.option(fc.nat(2), { nil: undefined }),
  priorities: fc.option(fc.subarray([...new Set(rows.map((row) => row.priority))], { minLength: 1 }), {
    nil: undefined,
  }),
  createdAfter: fc.option(fc.integer({ min: -2, max: 99 }), { nil: undefined }),
})
const lowest = Math.min(...rows.map((row) => row.category))

/** Sorting everything, one comparison at a time. */
function expected(
  wanted: {
    category?: number | undefined
    priorities?: number[] | undefined
    createdAfter?: string | undefined
  },
  sort: (typeof TICKET_SORTS)[number],
  descending: boolean,
): Row[] {
  const key = keyOf[sort]
  const isLate = (row: Row) => sort === 'due_at' && row.due_at === NO_DUE_TIME
  const compare = (a: Row, b: Row) =>
    (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : a.id - b.id) * (descending ? -1 : 1)
  return rows
    .filter((row) => wanted.category === undefined || row.category === wanted.category)
    .filter((row) => wanted.priorities?.includes(row.priority) ?? true)
    .filter((row) => wanted.createdAfter === undefined || row.created_at >= wanted.createdAfter)
    .toSorted((a, b) => Number(isLate(a)) - Number(isLate(b)) || compare(a, b))
}

t.test('a list is the same in whichever way it is read', async (t) => {
  let walks = 0
  const property = fc.asyncProperty(
    filters,
    fc.constantFrom(...TICKET_SORTS),
    fc.boolean(),
    fc.integer({ min: 1, max: 30 }),
    fc.nat(60),
    async ({ category, priorities, createdAfter: hours }, sort, descending, limit, offset) => {
      const createdAfter =
        hours === undefined
          ? undefined
          : `${new Date(Date.UTC(2026, 2, 1, hours)).toISOString().slice(0, 19).replace('T', ' ')}+00`
      const filter: TicketFilter = {
        ...(category === undefined ? {} : { categoryIds: String(lowest + category) }),
        ...(priorities === undefined ? {} : { priorityIds: priorities.join(',') }),
        ...(createdAfter === undefined ? {} : { createdAfter }),
      }
      const wanted = {
        category: category === undefined ? undefined : lowest + category,
        priorities,
        createdAfter,
      }
      const all = expected(wanted, sort, descending)
      // From its beginning by number, and on behind a row that it has.
      const behind = all[offset]
      const key = behind === undefined ? undefined : String(behind[keyOf[sort]])
      for (const matching of [10, 20_000, 1_000_000_000]) {
        const shape = { filter, sort, descending, limit }
        const page = await findPlaces(desk.db, { ...shape, offset }, matching)
        same(page, all.slice(offset, offset + limit), matching)
        if (behind === undefined || key === undefined) continue
        const next = await findPlaces(
          desk.db,
          { ...shape, offset: 0, after: { key, id: behind.id } },
          matching,
        )
        same(next, all.slice(offset + 1, offset + 1 + limit), matching)
        walks += 1
      }
    },
  )
  await fc.assert(property, { numRuns: 60 })
  t.ok(walks > 0)
})

function same(page: readonly Place[], wanted: readonly Row[], matching: number): void {
  const [got, should] = [page.map(({ id }) => id).join(), wanted.map(({ id }) => id).join()]
  if (got !== should) throw new Error(`of ${matching}: ${got} instead of ${should}`)
}
