import { type Executor, settings, type Tx } from '@servicedesk/db'
import { eq } from 'drizzle-orm'

export const STRATEGIES = ['workload', 'score', 'round_robin'] as const
export type Strategy = (typeof STRATEGIES)[number]

/** What each part of a score counts at most; they add up to 100. */
export interface ScoreWeights {
  capacity: number
  skills: number
  sla: number
  presence: number
}

/** How tickets find their agents; the row `assignment` of the settings. */
export interface AssignmentSettings {
  strategy: Strategy
  /** Whether supervisors are given tickets too. */
  include_supervisors: boolean
  /** Whether tickets of class pending do not count against their agent's cap. */
  pending_frees_capacity: boolean
  weights: ScoreWeights
}

export const ASSIGNMENT_KEY = 'assignment'

/** What holds for a member that the stored settings, written by an earlier release, do not have. */
const DEFAULTS: AssignmentSettings = {
  strategy: 'workload',
  include_supervisors: true,
  pending_frees_capacity: false,
  weights: { capacity: 50, skills: 30, sla: 10, presence: 10 },
}

/** The settings as their row has them; undefined for no row. */
export function parseAssignmentSettings(stored: unknown): AssignmentSettings {
  return { ...DEFAULTS, ...(stored as Partial<AssignmentSettings> | undefined) }
}

/**
 * The settings as they are now, not as a cache remembers them. What is counted by them has to be read under
 * the assignment lock or the counting lock, or they could change before the counter does.
 */
export async function readAssignmentSettings(db: Executor): Promise<AssignmentSettings> {
  const [row] = await db
    .select({ value: settings.value })
    .from(settings)
    .where(eq(settings.key, ASSIGNMENT_KEY))
  return parseAssignmentSettings(row?.value)
}

/** Stores the settings; the caller holds both locks and counts anew where that changes what counts. */
export async function writeAssignmentSettings(tx: Tx, value: AssignmentSettings): Promise<void> {
  await tx
    .insert(settings)
    .values({ key: ASSIGNMENT_KEY, value })
    .onConflictDoUpdate({ target: settings.key, set: { value } })
}
