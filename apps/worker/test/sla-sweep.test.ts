import { createConfigurationCache } from '@servicedesk/core'
import { outbox, slaClocks } from '@servicedesk/db'
import { createTestClock, createTestDesk } from '@servicedesk/testing'
import { eq, isNotNull, sql } from 'drizzle-orm'
import t from 'tap'
import type { HandlerDeps } from '../src/handlers/deps.ts'
import { handleSlaSweep } from '../src/handlers/sla-sweep.ts'

/** More than one batch. */
const CLOCKS = 4_200

t.test('a sweep that was asked for is done when all of it is, not after a batch', async (t) => {
  const clock = createTestClock()
  const desk = await createTestDesk(t, { clock })
  const requester = await desk.person('Normal User')
  const at = clock.now().toISOString()
  await desk.db.execute(sql`
    WITH t AS (
      INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, created_by, created_at,
        updated_at)
      SELECT 'Screen ' || n, 'It was fine yesterday evening.', s.id, s.class, 1, 1, ${requester.id}, now(), now()
      FROM generate_series(1, ${CLOCKS}::int) n, (SELECT * FROM statuses WHERE class = 'open' LIMIT 1) s RETURNING id
    )
    INSERT INTO sla_clocks (ticket_id, metric, policy_id, target_seconds, warn_percent, calendar_version_id, state,
      running_since, warn_at, due_at)
    SELECT t.id, 'resolution', p.id, p.resolution_seconds, p.warn_percent, v.id, 'running', ${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz
    FROM t, sla_policies p JOIN calendar_versions v ON v.calendar_id = p.calendar_id WHERE p.priority_id = 1`)
  await desk.core.sweeps.request()
  const [owed] = desk.dispatched
  const swept: object[] = []
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const run = () =>
    handleSlaSweep(
      {
        name: 'sla.sweep',
        payload: {},
        outboxId: owed!.id,
        attempt: 1,
        isLastAttempt: true,
        stalls: 0,
        log,
        db: desk.db,
        dispatch: () => undefined,
      },
      {
        clock,
        configuration: createConfigurationCache(desk.db, clock),
        swept: (found: object) => void swept.push(found),
      } as unknown as HandlerDeps,
    )
  await run()
  t.match(swept, [{ breached: CLOCKS, warned: 0, seconds: Number }])
  t.equal(await desk.db.$count(slaClocks, isNotNull(slaClocks.breachedAt)), CLOCKS)
  const [row] = await desk.db.select().from(outbox).where(eq(outbox.id, owed!.id))
  t.ok(row?.doneAt)
  await run()
  t.match(swept[1], { breached: 0 }, 'and once more is no harm')
})
