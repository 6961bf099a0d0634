import { isDeepStrictEqual } from 'node:util'
import { createConfigurationCache, sweep, systemClock } from '@servicedesk/core'
import { closeDatabase, createDatabase, type Database } from '@servicedesk/db'
import { type Figure, rateOverFloor } from '../framework/figure.ts'
import type { BenchContext } from '../framework/measurement.ts'
import { quantile } from '../framework/quantile.ts'
import { inTurns, repeat } from '../framework/rounds.ts'
import { bareSweep } from './bare-sweep.ts'
import { countRows, loadClocks, makeDue, written } from './load-clocks.ts'

const IDLE_SWEEPS = 31
/** Milliseconds that a sweep with nothing due may take, and the share of the bare statement's speed that one with much must reach. */
const [IDLE_MS, RATIO] = [20, 0.5]

/**
 * A sweep over so many running clocks of which none is due, and one with a tenth of them due against the bare statement
 * that writes the same rows; in turns, each on clocks of its own.
 * @throws Error when the two did not write the same rows
 */
export async function measureSweep(
  { servers, rounds, progress }: BenchContext,
  clocks: number,
): Promise<Figure[]> {
  const db = createDatabase(servers.databaseUrl, {
    max: 4,
    applicationName: 'servicedesk-bench',
    statementTimeoutMs: 0,
  })
  try {
    progress(`loading ${clocks} running clocks`)
    await loadClocks(db, clocks)
    progress('sweep with none due')
    const idle = await repeat(rounds, () => idleSweeps(db))
    const figure = { unit: 'ms', better: 'less' } as const
    return [
      { ...figure, name: 'sweep with none due, p95', rounds: idle, targets: [{ of: 'value', is: IDLE_MS }] },
      await measureDue(db, Math.floor(clocks / 10), rounds, progress),
    ]
  } finally {
    await closeDatabase(db)
  }
}

const productSweep = (db: Database) =>
  sweep({
    db,
    clock: systemClock,
    dispatch: () => undefined,
    configuration: createConfigurationCache(db, systemClock),
  })

async function idleSweeps(db: Database): Promise<number> {
  const times: number[] = []
  for (let n = 0; n < IDLE_SWEEPS; n += 1) times.push(await timed(() => productSweep(db)))
  return quantile(
    times.toSorted((a, b) => a - b),
    0.95,
  )
}

async function measureDue(
  db: Database,
  due: number,
  rounds: number,
  progress: BenchContext['progress'],
): Promise<Figure> {
  const rows: Record<string, number>[] = []
  const rate = (name: string, work: (db: Database) => Promise<unknown>) => async () => {
    progress(`${name} with ${due} due`)
    await makeDue(db, due)
    const before = await countRows(db)
    const ms = await timed(() => work(db))
    rows.push(written(before, await countRows(db)))
    return (due * 1_000) / ms
  }
  const values = await inTurns(rounds, rate('bare statement', bareSweep), rate('sweep', productSweep))
  if (!rows.every((each) => each.breached === due && isDeepStrictEqual(each, rows[0]))) {
    throw new Error(`sweep and bare statement wrote different rows: ${JSON.stringify(rows)}`)
  }
  return rateOverFloor('sweep with a tenth due, breaches', values, 'bare statement', RATIO)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}
