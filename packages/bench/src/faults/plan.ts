import { MILESTONES, type Milestone } from '@servicedesk/jobs'
import type { Random } from './random.ts'

export const PROGRAMS = ['api-1', 'api-2', 'worker-1', 'worker-2'] as const
export type Program = (typeof PROGRAMS)[number]
export type Process = Program | 'redis' | 'mail' | 'postgres'
export const LINKS = ['api-redis', 'api-postgres', 'worker-redis', 'worker-postgres', 'worker-mail'] as const
export type Link = (typeof LINKS)[number]

/** One thing to break. Times are in milliseconds. */
export type Fault =
  | { kind: 'kill'; process: Process }
  | { kind: 'stop'; process: Process; forMs: number }
  | { kind: 'kill at'; process: Program; milestone: Milestone }
  | { kind: 'freeze at'; process: Program; milestone: Milestone; forMs: number }
  /** All links of its kind of program, from that very point on. */
  | { kind: 'cut at'; process: Program; milestone: Milestone; forMs: number }
  | { kind: 'cut'; link: Link; forMs: number }
  | { kind: 'slow'; link: Link; forMs: number; delayMs: number }
  | { kind: 'end sessions' }
  | { kind: 'wipe redis' }

export interface PlannedFault {
  fault: Fault
  /** How long after the fault before it. */
  afterMs: number
}

type Make = (random: Random) => Fault
const api = (random: Random) => random.pick(['api-1', 'api-2'] as const)
const worker = (random: Random) => random.pick(['worker-1', 'worker-2'] as const)

/** The ways to break a program that has come to a milestone. */
const atMilestone = (program: (random: Random) => Program, milestone: Milestone): Make[] => [
  (random) => ({ kind: 'kill at', process: program(random), milestone }),
  (random) => ({
    kind: 'freeze at',
    process: program(random),
    milestone,
    forMs: random.between(500, 20_000),
  }),
  (random) => ({ kind: 'cut at', process: program(random), milestone, forMs: random.between(200, 4_000) }),
]

const makers: Make[] = [
  (random) => ({ kind: 'kill', process: api(random) }),
  (random) => ({ kind: 'kill', process: worker(random) }),
  () => ({ kind: 'kill', process: 'redis' }),
  () => ({ kind: 'kill', process: 'mail' }),
  () => ({ kind: 'kill', process: 'postgres' }),
  (random) => ({ kind: 'stop', process: api(random), forMs: random.between(500, 6_000) }),
  // Beyond the lock of its jobs at times: they are taken up elsewhere, and then it wakes and goes on with them.
  (random) => ({ kind: 'stop', process: worker(random), forMs: random.between(1_000, 22_000) }),
  (random) => ({ kind: 'stop', process: 'redis', forMs: random.between(500, 6_000) }),
  (random) => ({ kind: 'stop', process: 'mail', forMs: random.between(500, 8_000) }),
  ...(['committed', 'enqueued'] as const).flatMap((milestone) => atMilestone(api, milestone)),
  ...MILESTONES.flatMap((milestone) => atMilestone(worker, milestone)),
  ...LINKS.map(
    (link): Make =>
      (random) => ({ kind: 'cut', link, forMs: random.between(200, 4_000) }),
  ),
  ...LINKS.map(
    (link): Make =>
      (random) => ({
        kind: 'slow',
        link,
        forMs: random.between(1_000, 5_000),
        delayMs: random.between(50, 600),
      }),
  ),
  () => ({ kind: 'end sessions' }),
  () => ({ kind: 'wipe redis' }),
]

/** How many different faults there are. */
export const KINDS = makers.length

/** So many faults, every kind as often as any other (to within one), in an order that the seed decides. */
export function planFaults(count: number, random: Random): PlannedFault[] {
  const makes: Make[] = []
  while (makes.length < count) makes.push(...random.shuffled(makers))
  return makes.slice(0, count).map((make) => ({ fault: make(random), afterMs: random.between(100, 2_500) }))
}

/** What a fault is counted as in the table. */
export function nameOf(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `kill -9 ${groupOf(fault.process)}`
    case 'stop':
      return `freeze ${groupOf(fault.process)} (SIGSTOP)`
    case 'kill at':
      return `kill -9 ${groupOf(fault.process)} ${MOMENTS[fault.milestone]}`
    case 'freeze at':
      return `freeze ${groupOf(fault.process)} ${MOMENTS[fault.milestone]}`
    case 'cut at':
      return `cut off ${groupOf(fault.process)} ${MOMENTS[fault.milestone]}`
    case 'cut':
      return `cut ${fault.link.replace('-', ' → ')}`
    case 'slow':
      return `slow ${fault.link.replace('-', ' → ')}`
    case 'end sessions':
      return 'end all PostgreSQL sessions'
    case 'wipe redis':
      return 'wipe Redis (FLUSHALL)'
  }
}

/** `api-1` and `api-2` are counted together. */
export const groupOf = (process: Process) => process.replace(/-\d$/, '')

const MOMENTS: Record<Milestone, string> = {
  committed: 'after commit, before dispatch',
  leased: 'after lease, before addBulk',
  enqueued: 'after addBulk, before dispatched_at',
  effect: 'in a handler, before commit',
  done: 'in a handler, after commit',
}
