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
import { type Breaker, carryOut, createBreaker, wait } from './inject.ts'
import { planFaults } from './plan.ts'
import { createRandom } from './random.ts'
import { type Recovery, recoveries } from './recovery.ts'
import { type System, startSystem } from './topology.ts'

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
 * @param interrupt stops everything at once
 * @throws the interrupt's reason
 */
export async function run(
  options: FaultOptions,
  control: Control | undefined,
  { startProgress, log, interrupt }: { startProgress: StartProgress; log: Log; interrupt: AbortSignal },
): Promise<RunResult> {
  const imports = control === undefined ? [] : [control.loader]
  const system = await startSystem(options, imports, prepare, log, interrupt)
  const sql = postgres(system.databaseUrl, { max: 2, onnotice: () => undefined })
  const breaker = createBreaker(system)
  const interrupted = new Promise<never>((_, reject) => {
    interrupt.addEventListener('abort', () => reject(interrupt.reason), { once: true })
  })
  try {
    return await Promise.race([
      breakAndCount({ options, control, system, sql, breaker, startProgress }),
      interrupted,
    ])
  } finally {
    await breaker.heal()
    await breaker.close()
    await sql.end({ timeout: 1 })
    await system.stop()
  }
}

type Log = (line: string) => void

async function prepare(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  await installLedger(sql)
  await tightenRules(sql)
  await sql.end()
}

interface Stage {
  options: FaultOptions
  control: Control | undefined
  system: System
  sql: postgres.Sql
  breaker: Breaker
  startProgress: StartProgress
}

async function breakAndCount(stage: Stage): Promise<RunResult> {
  const { options, control, system, sql, breaker, startProgress } = stage
  const plan = (control?.plan ?? planFaults)(options.kills, createRandom(options.seed))
  const journal = createJournal()
  const random = createRandom(options.seed + 1)
  const load = await startLoad({ ...options, apis: system.apis, journal, random })
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
  await waitUntilDrained(sql, control?.patienceMs ?? DRAIN_PATIENCE_MS, (remaining) => {
    const isDone = Object.values(remaining).every((count) => count === 0)
    draining.update(isDone ? 1 : 0, 1, words(remaining))
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
}

const words = (remaining: Record<string, number>) =>
  Object.entries(remaining)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
