import { isDeepStrictEqual } from 'node:util'
import { createConfigurationCache, sweep, systemClock } from '@servicedesk/core'
import { closeDatabase, createDatabase, type Database } from '@servicedesk/db'
import { quantile } from '../measure.ts'
import type { BenchServers } from '../servers.ts'
import { bareSweep } from './bare-sweep.ts'
import { countRows, loadClocks, makeDue, written } from './load-clocks.ts'

const IDLE_SWEEPS = 31
const ROUNDS = 2

/**
 * A sweep over so many running clocks of which none is due, and one with a tenth of them due against the bare statement
 * that writes the same rows; in turns, each on clocks of its own.
 */
export async function measureSweep({ databaseUrl }: BenchServers, clocks: number): Promise<void> {
  const db = createDatabase(databaseUrl, {
    max: 4,
    applicationName: 'servicedesk-bench',
    statementTimeoutMs: 0,
  })
  try {
    const started = performance.now()
    await loadClocks(db, clocks)
    show(`${clocks} running clocks loaded`, `${((performance.now() - started) / 1_000).toFixed(0)} s`)
    await measureIdle(db)
    await measureDue(db, Math.floor(clocks / 10))
  } finally {
    await closeDatabase(db)
  }
}

const show = (what: string, figure: string) => console.log(`${what.padEnd(34)}${figure.padStart(12)}`)

const productSweep = (db: Database) =>
  sweep({
    db,
    clock: systemClock,
    dispatch: () => undefined,
    configuration: createConfigurationCache(db, systemClock),
  })

async function measureIdle(db: Database): Promise<void> {
  const times: number[] = []
  for (let n = 0; n < IDLE_SWEEPS; n += 1) times.push(await timed(() => productSweep(db)))
  times.sort((a, b) => a - b)
  show('sweep with none due, p50', `${quantile(times, 0.5).toFixed(1)} ms`)
  show('sweep with none due, p95', `${quantile(times, 0.95).toFixed(1)} ms`)
}

async function measureDue(db: Database, due: number): Promise<void> {
  const kinds = { 'bare statement': () => bareSweep(db), sweep: () => productSweep(db) }
  const best: Record<string, number> = {}
  const rows: Record<string, number>[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, work] of Object.entries(kinds)) {
      await makeDue(db, due)
      const before = await countRows(db)
      const ms = await timed(work)
      rows.push(written(before, await countRows(db)))
      best[name] = Math.min(ms, best[name] ?? ms)
      show(`${name}, ${due} due`, `${(ms / 1_000).toFixed(2)} s`)
    }
  }
  const [bare = 0, product = 1] = Object.keys(kinds).map((name) => best[name])
  show('ratio to the bare statement', (bare / product).toFixed(2))
  const isSame = rows.every((each) => each.breached === due && isDeepStrictEqual(each, rows[0]))
  show('rows written', isSame ? 'the same' : 'DIFFERENT')
  console.log(`${JSON.stringify(isSame ? rows[0] : rows)}\n`)
  if (!isSame) process.exitCode = 1
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}
