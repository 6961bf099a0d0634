import postgres from 'postgres'
import { highestPeak } from '../api-process.ts'
import type { Figure } from '../framework/figure.ts'
import type { DeskContext } from '../framework/measurement.ts'
import { quantile } from '../framework/quantile.ts'
import { drive } from '../http/drive.ts'
import { NEW_TICKET } from '../tickets/measure-create.ts'
import { startWorkers } from '../worker-process.ts'
import { createFlatOut, drained, type FlatOut, idle, timeOfOne } from './create-flat-out.ts'

const ALONE = 40
const MB = 1024 ** 2
/** Tickets a second; what may wait; milliseconds of a ticket that comes alone; megabytes of the two processes. */
const TARGETS = { created: 700, assigned: 400, growth: 10, idleMs: 60, apiMb: 220, workerMb: 260 }

/**
 * The whole way with a worker on: how fast tickets are created flat out, how many are assigned in the same time and what waits
 * then, how long one that comes alone takes until it has an agent, and the most memory that API and worker ever had.
 */
export async function measureFlatOut({ servers, desk, rounds, progress }: DeskContext): Promise<Figure[]> {
  const sql = postgres(servers.databaseUrl, { max: 2 })
  const workers = await startWorkers(servers, desk.dataDir, desk.deployment)
  try {
    progress('what waits already is assigned, and its mail sent')
    await drained(sql)
    await idle(sql)
    progress('tickets that come alone')
    const alone: number[] = []
    for (let n = 0; n < ALONE; n++) alone.push(await timeOfOne(sql, desk.api.url, desk.token))
    const asked = {
      url: desk.api.url,
      token: desk.token,
      paths: ['/tickets'],
      method: 'POST',
      body: NEW_TICKET,
    } as const
    await drive(asked, 2)
    const flatOut: FlatOut[] = []
    for (let round = 1; round <= rounds; round++) {
      progress(`creating flat out with a worker on, round ${round}`)
      flatOut.push(await createFlatOut(sql, asked))
    }
    const figure = { unit: '/s', better: 'more' } as const
    return [
      {
        ...figure,
        name: 'create flat out with a worker on',
        rounds: flatOut.map((each) => each.created),
        targets: [{ of: 'value', is: TARGETS.created }],
      },
      {
        ...figure,
        name: 'assigned meanwhile',
        rounds: flatOut.map((each) => each.assigned),
        targets: [{ of: 'value', is: TARGETS.assigned }],
        note: `what waited, second by second: ${flatOut.map(({ backlogs }) => backlogs.join(', ')).join(' / ')}`,
      },
      {
        name: 'growth of what waits, in the second half',
        unit: '/s',
        better: 'less',
        rounds: flatOut.map((each) => each.growth),
        targets: [{ of: 'value', is: TARGETS.growth }],
      },
      {
        name: 'from asking to an agent, one ticket alone, p95',
        unit: 'ms',
        better: 'less',
        rounds: [
          quantile(
            alone.toSorted((a, b) => a - b),
            0.95,
          ),
        ],
        targets: [{ of: 'value', is: TARGETS.idleMs }],
      },
      await memoryFigure('most memory of the API', desk.api.pid, TARGETS.apiMb),
      await memoryFigure('most memory of the worker', workers.pid, TARGETS.workerMb),
    ]
  } finally {
    await workers.stop()
    await sql.end()
  }
}

async function memoryFigure(name: string, pid: number, most: number): Promise<Figure> {
  const rounds = [(await highestPeak(pid)) / MB]
  return { name, unit: 'MB', better: 'less', rounds, targets: [{ of: 'value', is: most }] }
}
