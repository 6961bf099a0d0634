import type { StartProgress } from '@servicedesk/dev'
import postgres from 'postgres'
import { waitUntilDrained } from '../fault-judge/drain.ts'
import type { Finding } from '../fault-judge/finding.ts'
import { judge } from '../fault-judge/judge.ts'
import { installLedger, tightenRules } from '../fault-judge/ledger.ts'
import { createJournal } from '../fault-load/journal.ts'
import { startLoad } from '../fault-load/load.ts'
import type { Control } from '../fault-variants/controls.ts'
import type { FaultOptions } from './config.ts'
import { carryOut, createBreaker, wait } from './inject.ts'
import { type PlannedFault, planFaults } from './plan.ts'
import { createRandom } from './random.ts'
import { type Recovery, recoveries } from './recovery.ts'
import { startSystem } from './topology.ts'

export interface RunResult {
  control: string | undefined
  seed: number
  faults: number
  seconds: number
  drainSeconds: number
  requests: number
  retries: Record<string, number>
  recoveries: Recovery[]
  findings: Finding[]
  lost: number
  doubled: number
}

/** Load before the first fault and after the last. */
const CALM_MS = 3_000
/** Longer than a stalled job's lock, the reconciler's period and its grace together. */
const DRAIN_PATIENCE_MS = 150_000

/**
 * Starts the system, loads it, breaks it as planned, heals it, waits for it to drain, and counts.
 * @param control the variant that is broken on purpose, or undefined for the product
 */
export async function run(
  options: FaultOptions,
  control: Control | undefined,
  startProgress: StartProgress,
  log: (line: string) => void,
): Promise<RunResult> {
  const random = createRandom(options.seed)
  const plan: PlannedFault[] = (control?.plan ?? planFaults)(options.kills, random)
  const prepare = async (url: string) => {
    const sql = postgres(url, { max: 1, onnotice: () => undefined })
    await installLedger(sql)
    await tightenRules(sql)
    await sql.end()
  }
  const system = await startSystem(options, control === undefined ? [] : [control.loader], prepare, log)
  const sql = postgres(system.databaseUrl, { max: 2, onnotice: () => undefined })
  const breaker = createBreaker(system)
  try {
    const journal = createJournal()
    const load = await startLoad({
      ...options,
      apis: system.apis,
      journal,
      random: createRandom(options.seed + 1),
    })
    const began = Date.now()
    await wait(CALM_MS)
    const breaking = startProgress('Breaking', plan.length)
    const faults = await carryOut(breaker, plan, (fault, done) =>
      breaking.update(done, plan.length, `${fault.name}${fault.missed ? ' (missed)' : ''}`),
    )
    breaking.end()
    await wait(CALM_MS)
    await breaker.heal()
    await load.stop()
    await load.makeRoom()
    const stopped = Date.now()

    const draining = startProgress('Draining', 1)
    const patience = control?.patienceMs ?? DRAIN_PATIENCE_MS
    await waitUntilDrained(sql, patience, (remaining) => {
      const total = Object.values(remaining).reduce((sum, each) => sum + each, 0)
      draining.update(total === 0 ? 1 : 0, 1, words(remaining))
    })
    draining.end()
    const drained = Date.now()

    const findings = await judge({ ...system, sql, writes: journal.writes })
    return {
      control: control?.what,
      seed: options.seed,
      faults: faults.length,
      seconds: (stopped - began) / 1_000,
      drainSeconds: (drained - stopped) / 1_000,
      requests: journal.writes.length,
      retries: Object.fromEntries(journal.retries),
      recoveries: await recoveries(sql, faults, journal.writes, findings),
      findings,
      lost: findings.reduce((sum, each) => sum + each.lost.length, 0),
      doubled: findings.reduce((sum, each) => sum + each.doubled.length, 0),
    }
  } finally {
    await breaker.heal()
    await breaker.close()
    await sql.end({ timeout: 1 })
    await system.stop()
  }
}

const words = (remaining: Record<string, number>) =>
  Object.entries(remaining)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
