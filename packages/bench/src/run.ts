import { migrate } from '@servicedesk/db'
import postgres from 'postgres'
import type { Result } from './framework/figure.ts'
import { describeMachine, type Machine } from './framework/machine.ts'
import type { BenchContext, Measurement } from './framework/measurement.ts'
import { scaleName } from './framework/print.ts'
import { startDeskProcesses } from './http/desk-processes.ts'
import { loadDesk } from './load/load-desk.ts'
import { rollUp } from './load/roll-up.ts'
import { type MeasurementName, measurements } from './measurements.ts'
import type { BenchOptions } from './options.ts'
import { startBenchServers } from './servers.ts'

export interface Run {
  machine: Machine
  results: Result[]
}

/**
 * Measures what is asked for: each scale on a desk of its own, then what has no scale; each measurement of an empty database on
 * servers of its own.
 * @throws what a measurement throws: a run with an error has no results
 */
export async function runAll(options: BenchOptions, progress: (step: string) => void): Promise<Run> {
  const results: Result[] = []
  let machine: Machine | undefined
  const wanted = options.only.map((name): [MeasurementName, Measurement] => [name, measurements[name]])
  const keep = (
    measurement: MeasurementName,
    scale: number | null,
    figures: Omit<Result, 'measurement' | 'scale'>[],
  ) => results.push(...figures.map((figure) => ({ measurement, scale, ...figure })))
  const onServers = async (name: string, work: (context: BenchContext) => Promise<void>) => {
    const servers = await startBenchServers()
    const { rounds, file } = options
    try {
      machine ??= await describeMachine(servers)
      await migrate(servers.databaseUrl)
      await work({ servers, rounds, file, progress: (step) => progress(`${name}${step}`) })
    } finally {
      await servers.stop()
    }
  }
  for (const scale of options.scales) {
    const isLargest = scale === options.scales.at(-1)
    const here = wanted.filter(([, { at }]) => at === 'every scale' || (at === 'largest scale' && isLargest))
    if (here.length > 0) {
      await onServers(`${scaleName(scale)}: `, async (context) => {
        await loadDesk(context.servers.databaseUrl, {
          tickets: scale,
          file: options.file,
          progress: context.progress,
        })
        context.progress('rollups')
        await rollUp(context.servers.databaseUrl)
        const desk = await startDeskProcesses(context.servers)
        try {
          for (const [name, measurement] of here) {
            if (measurement.at !== 'every scale' && measurement.at !== 'largest scale') continue
            context.progress(name)
            keep(name, scale, await measurement.run({ ...context, tickets: scale, desk }))
            await checkNothingFailed(context.servers.databaseUrl)
          }
        } finally {
          await desk.stop()
        }
      })
    }
    for (const [name, measurement] of wanted) {
      if (measurement.at !== 'own scale') continue
      await onServers(`${scaleName(scale)}: `, async (context) => {
        keep(name, scale, await measurement.run(context, scale))
      })
    }
  }
  for (const [name, measurement] of wanted) {
    if (measurement.at !== 'once') continue
    await onServers('', async (context) => {
      context.progress(name)
      keep(name, null, await measurement.run(context))
    })
  }
  if (machine === undefined) throw new Error('nothing was measured')
  return { machine, results }
}

/** Figures of jobs that failed would be cheap. @throws Error when there is a dead letter */
async function checkNothingFailed(databaseUrl: string): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1 })
  try {
    const [dead] = await sql<{ name: string; last_error: string }[]>`
      SELECT name, last_error FROM outbox WHERE failed_at IS NOT NULL LIMIT 1`
    if (dead !== undefined) throw new Error(`a job failed: ${dead.name}, ${dead.last_error}`)
  } finally {
    await sql.end()
  }
}
