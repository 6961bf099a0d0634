import { createTestDatabase } from '@servicedesk/testing'
import { type SQL, sql } from 'drizzle-orm'
import t from 'tap'

const { db, drop } = await createTestDatabase()
t.teardown(drop)

/** What the desk asks for again and again, and the index that must answer however large the table is. */
const QUESTIONS: [index: string, question: SQL][] = [
  [
    'outbox_owed_idx',
    sql`SELECT id FROM outbox WHERE dispatched_at IS NULL AND done_at IS NULL AND failed_at IS NULL
      AND available_at <= now() AND (lease_until IS NULL OR lease_until < now())
      ORDER BY available_at LIMIT 500 FOR UPDATE SKIP LOCKED`,
  ],
  [
    'outbox_dispatched_idx',
    sql`SELECT id FROM outbox WHERE dispatched_at < now() - interval '1 minute' AND done_at IS NULL AND failed_at IS NULL`,
  ],
  ['outbox_dead_idx', sql`SELECT id FROM outbox WHERE failed_at IS NOT NULL ORDER BY failed_at`],
  ['outbox_done_idx', sql`SELECT id FROM outbox WHERE done_at < now() - interval '7 days'`],
  [
    'sla_clocks_due_idx',
    sql`SELECT id FROM sla_clocks WHERE state = 'running' AND breached_at IS NULL AND due_at <= now() ORDER BY due_at LIMIT 500`,
  ],
  [
    'sla_clocks_warn_idx',
    sql`SELECT id FROM sla_clocks WHERE state = 'running' AND breached_at IS NULL AND warned_at IS NULL
      AND warn_at <= now() AND due_at > now() ORDER BY warn_at LIMIT 500`,
  ],
  [
    'tickets_waiting_idx',
    sql`SELECT id FROM tickets WHERE assigned_to IS NULL AND deleted_at IS NULL
      AND status_class IN ('new', 'open', 'pending') AND priority_id = 1 ORDER BY created_at, id LIMIT 100`,
  ],
  [
    'email_deliveries_owed_idx',
    sql`SELECT id FROM email_deliveries WHERE status IN ('queued', 'sending') ORDER BY created_at LIMIT 10`,
  ],
  [
    'attachments_owed_idx',
    sql`SELECT id FROM attachments WHERE status = 'scanning' OR thumbnail = 'pending' ORDER BY created_at LIMIT 10`,
  ],
  [
    'alerts_unread_idx',
    sql`SELECT id FROM alerts WHERE user_id = 1 AND NOT is_read ORDER BY created_at DESC, id DESC LIMIT 20`,
  ],
  ['tickets_deleted_idx', sql`SELECT id FROM tickets WHERE deleted_at > now()`],
  ['assignments_current_key', sql`SELECT id FROM assignments WHERE ticket_id = 1 AND ended_at IS NULL`],
  [
    'tickets_created_idx',
    sql`SELECT id FROM tickets WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 10`,
  ],
]

t.test('what is owed, due or waiting is found by a partial index', async (t) => {
  await db.transaction(async (tx) => {
    // Empty tables are read whole: only what the planner could do is asked here.
    await tx.execute(sql`SET LOCAL enable_seqscan = off`)
    await tx.execute(sql`SET LOCAL enable_bitmapscan = off`)
    for (const [index, question] of QUESTIONS) {
      const plan = await tx.execute<{ 'QUERY PLAN': string }>(sql`EXPLAIN ${question}`)
      const text = plan.map((line) => line['QUERY PLAN']).join('\n')
      t.match(text, new RegExp(`Index (Only )?Scan.* using ${index} `), index)
      t.notMatch(text, /Seq Scan|Sort Key/, index)
    }
  })
})

t.test('lists that are newest first come in the order of an index, without sorting', async (t) => {
  await db.transaction(async (tx) => {
    await tx.execute(sql`SET LOCAL enable_seqscan = off`)
    await tx.execute(sql`SET LOCAL enable_bitmapscan = off`)
    for (const [index, where] of [
      ['tickets_created_by_idx', sql`tickets WHERE created_by = 1 ORDER BY created_at DESC`],
      ['tickets_assigned_to_idx', sql`tickets WHERE assigned_to = 1 ORDER BY created_at DESC`],
      ['tickets_updated_idx', sql`tickets WHERE deleted_at IS NULL ORDER BY updated_at DESC, id DESC`],
      ['tickets_category_idx', sql`tickets WHERE category_id = 1 ORDER BY created_at DESC`],
      ['alerts_user_idx', sql`alerts WHERE user_id = 1 ORDER BY created_at DESC, id DESC`],
      ['attachments_ticket_idx', sql`attachments WHERE ticket_id = 1 ORDER BY created_at DESC`],
      ['audit_log_created_idx', sql`audit_log ORDER BY created_at DESC`],
    ] as const) {
      const plan = await tx.execute<{ 'QUERY PLAN': string }>(sql`EXPLAIN SELECT * FROM ${where} LIMIT 10`)
      const text = plan.map((line) => line['QUERY PLAN']).join('\n')
      t.match(text, new RegExp(`using ${index} `), index)
      t.notMatch(text, 'Sort Key', index)
    }
  })
})

t.test('these indexes are partial: rows that are settled cost them nothing', async (t) => {
  const rows = await db.execute<{ name: string }>(sql`
    SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indpred IS NOT NULL`)
  const partial = new Set(rows.map((row) => row.name))
  for (const [index] of QUESTIONS) t.ok(partial.has(index), index)
})

t.test('tables that turn over fast are vacuumed long before a fifth of them is dead', async (t) => {
  const rows = await db.execute<{ name: string; factor: number }>(sql`
    SELECT c.relname AS name, o.option_value::float8 AS factor
    FROM pg_class c CROSS JOIN LATERAL pg_options_to_table(c.reloptions) o
    WHERE o.option_name = 'autovacuum_vacuum_scale_factor'`)
  const factors = new Map(rows.map(({ name, factor }) => [name, factor]))
  for (const table of ['outbox', 'idempotency_keys', 'email_deliveries', 'sla_clocks']) {
    t.ok((factors.get(table) ?? 0.2) <= 0.05, `${table}: ${factors.get(table)}`)
  }
})
