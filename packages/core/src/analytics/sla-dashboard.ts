import { defineStatement, type Executor } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { Configuration } from '../config/configuration.ts'
import { defaultPolicyOf } from '../config/default-policies.ts'
import { adherenceOf, keptIn } from './adherence.ts'
import { ALWAYS } from './days.ts'
import { IS_ACTIVE, OPEN_ALARMS } from './facts.ts'
import { hours, percentage } from './numbers.ts'
import { dividedSettled, settledBy } from './settled.ts'

/** How promises for resolution stand: of all that is settled, of what is open, and lately. By priorities' names. */
export interface SlaDashboard {
  overall: {
    /** Open and settled. */
    total_tickets: number
    /** Settled with a clock that never breached, and with one that did. */
    closed_met_sla: number
    closed_violated_sla: number
    closed_adherence_percentage: number | null
    open_violated: number
    open_at_risk: number
  }
  priority_breakdown: Record<string, PriorityAdherence & { target_hours: number | null }>
  /** From creation to being settled, in real hours. */
  average_resolution_times: Record<string, ResolutionTime>
  /** What the default policy of each priority promises, in business hours. */
  sla_targets: Record<string, number | null>
  /** As `sla_adherence` counts. */
  time_analysis: Record<'last_24h' | 'last_7d' | 'last_30d', PriorityAdherence>
}

interface PriorityAdherence {
  met_sla: number
  violated_sla: number
  adherence_percentage: number | null
}

interface ResolutionTime {
  average_hours: number | null
  target_hours: number | null
  /** Whether the average is; null without one or the other. */
  within_target: boolean | null
}

interface PriorityRow extends Record<string, unknown> {
  id: number
  settled: number
  met: number
  violated: number
  handle_ms: number
  open: number
}

const prioritiesStatement = defineStatement<Record<string, never>, PriorityRow>(
  'sla_by_priority',
  sql`
  WITH ${dividedSettled(ALWAYS)}
  SELECT id, sum(settled)::int AS settled, sum(met)::int AS met, sum(violated)::int AS violated,
    sum(handle_ms)::bigint AS handle_ms, sum(open)::int AS open
  FROM (
    SELECT key_id AS id, settled, met, violated, handle_ms, 0 AS open FROM (${settledBy('priority')}) x
    UNION ALL SELECT t.priority_id, 0, 0, 0, 0, count(*) FROM tickets t WHERE ${IS_ACTIVE} GROUP BY 1
  ) parts GROUP BY id`,
)
const alarmsStatement = defineStatement<Record<string, never>, { violated: number; at_risk: number }>(
  'open_alarms',
  OPEN_ALARMS,
)

const DAY_MS = 86_400_000
const NOTHING = { settled: 0, met: 0, violated: 0, handle_ms: 0, open: 0 }

/** @see SlaDashboard */
export async function slaDashboard(
  db: Executor,
  configuration: Configuration,
  now: Date,
): Promise<SlaDashboard> {
  const last = async (days: number): Promise<PriorityAdherence> => {
    const kept = await keptIn(db, { from: new Date(now.getTime() - days * DAY_MS), to: now })
    return { met_sla: kept.onTime, violated_sla: kept.violations, adherence_percentage: adherenceOf(kept) }
  }
  const [rows, [alarms], last_24h, last_7d, last_30d] = await Promise.all([
    prioritiesStatement.run(db, {}),
    alarmsStatement.run(db, {}),
    last(1),
    last(7),
    last(30),
  ])
  const sum = (of: (row: PriorityRow) => number) => rows.reduce((total, row) => total + of(row), 0)
  const [met, violated] = [sum((row) => row.met), sum((row) => row.violated)]
  const priorities = configuration.priorities.map(({ id, name }) => {
    const policy = defaultPolicyOf(configuration, id)
    const target = policy === undefined ? null : policy.resolutionSeconds / 3_600
    return { name, target, row: rows.find((row) => row.id === id) ?? NOTHING }
  })
  const byName = <T>(view: (priority: (typeof priorities)[number]) => T) =>
    Object.fromEntries(priorities.map((priority) => [priority.name, view(priority)]))
  return {
    overall: {
      total_tickets: sum((row) => row.settled + row.open),
      closed_met_sla: met,
      closed_violated_sla: violated,
      closed_adherence_percentage: percentage(met, met + violated),
      open_violated: alarms?.violated ?? 0,
      open_at_risk: alarms?.at_risk ?? 0,
    },
    priority_breakdown: byName(({ row, target }) => ({
      met_sla: row.met,
      violated_sla: row.violated,
      adherence_percentage: percentage(row.met, row.met + row.violated),
      target_hours: target,
    })),
    average_resolution_times: byName(({ row, target }) => resolutionTime(row, target)),
    sla_targets: byName(({ target }) => target),
    time_analysis: { last_24h, last_7d, last_30d },
  }
}

function resolutionTime(
  row: Pick<PriorityRow, 'settled' | 'handle_ms'>,
  target: number | null,
): ResolutionTime {
  const average = row.settled === 0 ? null : row.handle_ms / row.settled
  return {
    average_hours: average === null ? null : hours(average),
    target_hours: target,
    within_target: average === null || target === null ? null : average <= target * 3_600_000,
  }
}
