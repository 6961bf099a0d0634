import { assignWaiting, createConfigurationCache, systemClock } from '@servicedesk/core'
import { closeDatabase, createDatabase, type Database } from '@servicedesk/db'
import type { Figure } from '../framework/figure.ts'
import type { BenchContext } from '../framework/measurement.ts'
import { inTurns } from '../framework/rounds.ts'
import { assignmentState, loadAgents, loadWaiting } from './load-waiting.ts'

const WAITING = 20_000
/** As the product's. */
const BATCH = 200
/** Tickets a second that are asked for, and how far apart agents may end. */
const [TARGET, SPREAD] = [3_000, 1]

/**
 * How fast twenty thousand waiting tickets get one of fifty agents, with events, alerts and what is owed, in batches as the
 * job does it; against bare statements that give as large a batch to the agents in turns under the same lock.
 * @throws Error when tickets are left over
 */
export async function measureAssign({ servers, rounds, progress }: BenchContext): Promise<Figure[]> {
  const db = createDatabase(servers.databaseUrl, {
    max: 2,
    applicationName: 'servicedesk-bench',
    statementTimeoutMs: 0,
  })
  const spreads: number[] = []
  try {
    await loadAgents(db)
    const rate =
      (name: string, assignAll: (db: Database) => Promise<void>, spreadsOf?: number[]) => async () => {
        progress(`${name}, ${WAITING} waiting tickets`)
        await loadWaiting(db, WAITING)
        const started = performance.now()
        await assignAll(db)
        const perSecond = (WAITING * 1_000) / (performance.now() - started)
        const { spread, waiting } = await assignmentState(db)
        if (waiting > 0) throw new Error(`${waiting} of ${WAITING} tickets were left over`)
        spreadsOf?.push(spread)
        return perSecond
      }
    const values = await inTurns(
      rounds,
      rate('bare assignment', bareAssign),
      rate('assignment', assignAll, spreads),
    )
    return [
      {
        name: `assignment of ${WAITING} waiting tickets`,
        unit: '/s',
        better: 'more',
        rounds: values.product,
        floor: { name: 'bare batches', rounds: values.floor },
        targets: [{ of: 'value', is: TARGET }],
      },
      {
        name: 'the most minus the fewest tickets of an agent',
        unit: '',
        better: 'less',
        rounds: spreads,
        targets: [{ of: 'value', is: SPREAD }],
      },
    ]
  } finally {
    await closeDatabase(db)
  }
}

async function assignAll(db: Database): Promise<void> {
  const cache = createConfigurationCache(db, systemClock)
  for (let assigned = 1; assigned > 0; ) {
    const configuration = await cache.get()
    assigned = await db.transaction((tx) => assignWaiting(tx, configuration, systemClock))
  }
}

async function bareAssign(db: Database): Promise<void> {
  for (let assigned = BATCH; assigned === BATCH; ) {
    assigned = await db.$client.begin(async (sql) => {
      await sql`SELECT pg_advisory_xact_lock(1)`
      const rows = await sql`
        WITH waiting AS (
          SELECT t.id, row_number() OVER (ORDER BY t.priority_id, t.created_at) AS n FROM tickets t
          WHERE t.assigned_to IS NULL AND t.deleted_at IS NULL AND t.status_class IN ('new', 'open', 'pending')
          ORDER BY t.priority_id, t.created_at LIMIT ${BATCH}
        ), agent AS (
          SELECT user_id, row_number() OVER (ORDER BY active_tickets, user_id) AS n, count(*) OVER () AS many FROM agents
          WHERE is_available
        ), given AS (
          SELECT w.id, a.user_id FROM waiting w JOIN agent a ON a.n = 1 + (w.n - 1) % a.many
        ), counted AS (
          UPDATE agents a SET active_tickets = a.active_tickets + g.many
          FROM (SELECT user_id, count(*)::int AS many FROM given GROUP BY 1) g WHERE a.user_id = g.user_id
        )
        UPDATE tickets t SET assigned_to = g.user_id, updated_at = now() FROM given g WHERE t.id = g.id RETURNING t.id`
      return rows.length
    })
  }
}
