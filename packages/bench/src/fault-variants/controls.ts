import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { repositoryRoot } from '@servicedesk/dev'
import { type PlannedFault, PROGRAMS } from '../faults/plan.ts'
import type { Random } from '../faults/random.ts'

export type ControlName = 'no-outbox' | 'relay-by-id' | 'stalled-once' | 'no-guard'

/** A variant of the product that is broken on purpose, and faults that show it. */
export interface Control {
  name: ControlName
  what: string
  /** The module that swaps the broken part in, for `--import`. */
  loader: string
  plan: (count: number, random: Random) => PlannedFault[]
  /** How long nothing may move before the wait is over. */
  patienceMs: number
}

const loaderOf = (name: ControlName) =>
  `${pathToFileURL(join(repositoryRoot, 'packages', 'bench', 'dist', 'fault-variants', 'register.js')).href}?${name}`

/** Longer than a dead worker's locks: nobody else moves anything in a variant without a reconciler. */
const SHORT_PATIENCE_MS = 45_000
/** Longer than the reconciler's period and grace. */
const PATIENCE_MS = 100_000

export const CONTROLS: readonly Control[] = [
  {
    name: 'no-outbox',
    what: 'jobs are enqueued after the commit and nobody reads the outbox',
    loader: loaderOf('no-outbox'),
    patienceMs: SHORT_PATIENCE_MS,
    plan: (count, random) => repeat(count, random, [deathAfterCommit, wipe, killRedis]),
  },
  {
    name: 'relay-by-id',
    what: 'the relay reads rows with an id above the last it saw',
    loader: loaderOf('relay-by-id'),
    patienceMs: PATIENCE_MS,
    plan: (count, random) => repeat(count, random, [deathAfterCommit, cutRedis, wipe]),
  },
  {
    name: 'stalled-once',
    what: 'maxStalledCount is 1, as BullMQ has it, and its verdict is final',
    loader: loaderOf('stalled-once'),
    patienceMs: SHORT_PATIENCE_MS,
    plan: (count, random) => repeat(count, random, [deathInHandler]),
  },
  {
    name: 'no-guard',
    what: 'a handler does not look whether its row is done already',
    loader: loaderOf('no-guard'),
    patienceMs: PATIENCE_MS,
    plan: (count, random) => repeat(count, random, [deathAfterHandler, deathAfterEnqueue]),
  },
]

export const isControlName = (name: string): name is ControlName =>
  CONTROLS.some((control) => control.name === name)

type Make = (random: Random) => PlannedFault['fault']
const [firstApi, secondApi, firstWorker, secondWorker] = PROGRAMS

const deathAfterCommit: Make = (random) => ({
  kind: 'kill at',
  process: random.pick([firstApi, secondApi]),
  milestone: 'committed',
})
const deathAfterEnqueue: Make = (random) => ({
  kind: 'kill at',
  process: random.pick([firstApi, secondApi]),
  milestone: 'enqueued',
})
const deathInHandler: Make = (random) => ({
  kind: 'kill at',
  process: random.pick([firstWorker, secondWorker]),
  milestone: 'effect',
})
const deathAfterHandler: Make = (random) => ({
  kind: 'kill at',
  process: random.pick([firstWorker, secondWorker]),
  milestone: 'done',
})
const wipe: Make = () => ({ kind: 'wipe redis' })
const killRedis: Make = () => ({ kind: 'kill', process: 'redis' })
const cutRedis: Make = (random) => ({ kind: 'cut', link: 'api-redis', forMs: random.between(1_000, 4_000) })

function repeat(count: number, random: Random, makes: readonly Make[]): PlannedFault[] {
  return Array.from({ length: count }, (_, index) => {
    const make = makes[index % makes.length]
    if (make === undefined) throw new RangeError('nothing to break')
    return { fault: make(random), afterMs: random.between(200, 2_000) }
  })
}
