import type { Load } from './agents.ts'
import type { Extras } from './find-extras.ts'
import { percentiles } from './percentiles.ts'
import type { Pipeline } from './pipeline.ts'
import type { Posted } from './post-tickets.ts'
import { findProblems } from './problems.ts'
import type { TicketFate } from './read-fates.ts'
import type { StaffSummary } from './staff-summary.ts'

/** Everything a run learned. */
export interface Facts {
  file: string
  api: string
  posted: readonly Posted[]
  sendingSeconds: number
  drainingSeconds: number
  retries: ReadonlyMap<string, number>
  before: Pipeline
  /** Undefined when the server was gone when the time was up. */
  after: Pipeline | undefined
  /** Why it is not known, when it is not. */
  learned: Learned | string
  /** How the replay's own teams did; null without any. */
  staff: StaffSummary | null
}

/** What became of the tickets. */
export interface Learned {
  fates: readonly TicketFate[]
  extras: Extras
  loads: ReadonlyMap<number, Load>
}

/** The closing summary, as `--json` prints it. Members that could not be learned are null. */
export interface Summary {
  file: string
  url: string
  rows: number
  created: number
  refused: { line: number; status: number; reason: string }[]
  /** Rows that were given up: whether the server has them is unknown. */
  unanswered: { line: number; reason: string }[]
  /** Rows that were not tried, because the server was gone. */
  unsent: number
  /** Ids of tickets beyond the one of their row. */
  duplicates: number[] | null
  /** Ids of tickets that rows without an answer have after all. */
  created_unanswered: number[] | null
  assigned: number | null
  agents: AgentLine[] | null
  /** The most minus the fewest tickets of this run that an agent got. */
  spread: number | null
  assignment_ms: { p50: number; p95: number; p99: number } | null
  waiting: { reason: string; tickets: number }[] | null
  /** Ids of tickets that are neither assigned nor waiting for a stated reason, or not there at all. */
  lost: number[] | null
  thumbnails: { expected: number; ready: number; missing: number[] } | null
  breaches: { first_response: number; resolution: number } | null
  /** The rest counts the whole system: mails and failed jobs since the run began, rows still owed. */
  mails: { sent: number; failed: number; discarded: number; queued: number } | null
  failed_jobs: number | null
  owed: number | null
  sending_seconds: number
  draining_seconds: number
  /** The replay's own teams; null without any. */
  staff: StaffSummary | null
  /** Attempts that were repeated, by what went wrong. */
  retries: Record<string, number>
  /** Tickets whose answer was lost and given again under their Idempotency-Key. */
  answers_given_again: number
  /** What is wrong, in words; nothing was lost when it is empty. */
  problems: string[]
}

export interface AgentLine {
  id: number
  name: string
  tickets: number
  /** With every ticket in the system, now. */
  active: number | null
  max: number | null
}

/** Adds up what a run learned. */
export function summarise(facts: Facts): Summary {
  const { posted, before, after } = facts
  const learned = typeof facts.learned === 'string' ? undefined : facts.learned
  const created = posted.filter((each) => each.kind === 'created')
  const ids = created.map(({ id }) => id)
  const shared = ids.filter((id, index) => ids.indexOf(id) !== index)
  const summary: Omit<Summary, 'problems'> = {
    file: facts.file,
    url: facts.api,
    rows: posted.length,
    created: created.length,
    refused: posted.flatMap((each) =>
      each.kind === 'refused' ? [{ line: each.line, status: each.status, reason: each.reason }] : [],
    ),
    unanswered: posted.flatMap((each) =>
      each.kind === 'unanswered' ? [{ line: each.line, reason: each.reason }] : [],
    ),
    unsent: posted.filter(({ kind }) => kind === 'unsent').length,
    duplicates: learned?.extras.duplicates ?? null,
    created_unanswered: learned?.extras.unanswered ?? null,
    ...fateSums(learned),
    mails: after
      ? {
          sent: after.mailsSent - before.mailsSent,
          failed: after.mailsFailed - before.mailsFailed,
          discarded: after.mailsDiscarded - before.mailsDiscarded,
          queued: after.mailsQueued,
        }
      : null,
    failed_jobs: after ? after.dead - before.dead : null,
    owed: after ? after.owed : null,
    sending_seconds: round(facts.sendingSeconds),
    draining_seconds: round(facts.drainingSeconds),
    staff: facts.staff,
    retries: Object.fromEntries(facts.retries),
    answers_given_again: created.filter(({ isReplayed }) => isReplayed).length,
  }
  const unknown = typeof facts.learned === 'string' ? facts.learned : null
  return { ...summary, problems: findProblems(summary, shared, unknown) }
}

const round = (seconds: number) => Math.round(seconds * 10) / 10

function fateSums(learned: Learned | undefined) {
  if (learned === undefined) {
    return {
      assigned: null,
      agents: null,
      spread: null,
      assignment_ms: null,
      waiting: null,
      lost: null,
      thumbnails: null,
      breaches: null,
    }
  }
  const { fates, loads } = learned
  const agents = agentLines(fates, loads)
  const counts = agents.map(({ tickets }) => tickets)
  const waits = fates.filter(({ agent }) => agent === undefined).flatMap((each) => each.waitingReason ?? [])
  const withPhoto = fates.filter(({ thumbnail }) => thumbnail !== 'none')
  return {
    assigned: fates.filter(({ agent }) => agent !== undefined).length,
    agents,
    spread: counts.length === 0 ? null : Math.max(...counts) - Math.min(...counts),
    assignment_ms: percentiles(fates.flatMap(({ assignedAfterMs }) => assignedAfterMs ?? [])),
    waiting: [...countBy(waits)].map(([reason, tickets]) => ({ reason, tickets })),
    lost: fates.filter((each) => !each.isFound || !(each.agent ?? each.waitingReason)).map(({ id }) => id),
    thumbnails: {
      expected: withPhoto.length,
      ready: withPhoto.filter(({ thumbnail }) => thumbnail === 'ready').length,
      missing: withPhoto.filter(({ thumbnail }) => thumbnail === 'missing').map(({ id }) => id),
    },
    breaches: {
      first_response: fates.filter(({ firstResponseBreached }) => firstResponseBreached).length,
      resolution: fates.filter(({ resolutionBreached }) => resolutionBreached).length,
    },
  }
}

function agentLines(fates: readonly TicketFate[], loads: ReadonlyMap<number, Load>): AgentLine[] {
  const names = new Map(fates.flatMap(({ agent }) => (agent === undefined ? [] : [[agent.id, agent.name]])))
  const counts = countBy(fates.flatMap(({ agent }) => agent?.id ?? []))
  return [...counts]
    .map(([id, tickets]) => {
      const { active = null, max = null } = loads.get(id) ?? {}
      return { id, name: names.get(id) ?? `agent ${id}`, tickets, active, max }
    })
    .sort((a, b) => a.name.localeCompare(b.name) || a.id - b.id)
}

function countBy<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
