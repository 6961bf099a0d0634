import { inParallel } from '../in-parallel.ts'
import { Unreachable } from './api-errors.ts'
import type { Deps } from './deps.ts'
import { members, numberOf, textOf } from './json.ts'
import { mapRow, type NewTicket } from './map-row.ts'
import { createPace } from './pace.ts'
import { photoFor, ticketForm } from './photos.ts'
import type { SourceRow } from './read-rows.ts'
import type { Answer } from './retry-policy.ts'
import { JSON_BODY, reasonOf, type Session } from './session.ts'

interface Sent {
  line: number
  ticket: NewTicket
  /** The photograph's path. */
  photo: string | undefined
}

type Fate =
  | { kind: 'created'; id: number; createdAt: string; isReplayed: boolean }
  | { kind: 'refused'; status: number; reason: string }
  /** Given up: whether the server took it is unknown. */
  | { kind: 'unanswered'; reason: string }
  /** Not tried any more, because the server was gone. */
  | { kind: 'unsent' }

/** What became of posting one row. */
export type Posted = Sent & Fate

export interface PostOptions {
  photos: readonly string[]
  /** Tickets a second. */
  rate: number | undefined
  /** Tells this run's keys from any other's. */
  runId: string
  onDone: (outcome: Posted) => void
}

/** Enough to keep an API process busy. */
export const IN_FLIGHT = 16

/**
 * Posts every row, each under an Idempotency-Key of its own, so that it can be sent again whatever died meanwhile.
 * When one row had to be given up the server is gone, and what is left is not tried.
 */
export function postTickets(
  requester: Session,
  rows: readonly SourceRow[],
  deps: Deps,
  options: PostOptions,
): Promise<Posted[]> {
  const takeTurn = createPace(options.rate, deps)
  let isGone = false

  return inParallel(rows, IN_FLIGHT, async (row, index): Promise<Posted> => {
    const sent: Sent = { line: row.line, ticket: mapRow(row), photo: photoFor(index, options.photos) }
    await takeTurn()
    if (isGone) return { ...sent, kind: 'unsent' }
    const outcome: Posted = {
      ...sent,
      ...(await post(requester, sent, `replay-${options.runId}-${index}`)),
    }
    if (outcome.kind === 'unanswered') isGone = true
    options.onDone(outcome)
    return outcome
  })
}

async function post(requester: Session, { ticket, photo }: Sent, key: string): Promise<Fate> {
  const request = {
    method: 'POST' as const,
    path: '/tickets',
    // fetch writes the content type of a form itself: it names the boundary.
    headers: { 'idempotency-key': key, ...(photo === undefined ? JSON_BODY : {}) },
    body: async () => (photo === undefined ? JSON.stringify(ticket) : ticketForm(ticket, photo)),
  }
  try {
    return fateOf(await requester.call(request))
  } catch (error) {
    if (error instanceof Unreachable) return { kind: 'unanswered', reason: error.message }
    throw error
  }
}

function fateOf(answer: Answer): Fate {
  const { id, created_at } = members(answer.body)
  const [ticketId, createdAt] = [numberOf(id), textOf(created_at)]
  if (answer.status !== 201 || ticketId === undefined || createdAt === undefined) {
    return { kind: 'refused', status: answer.status, reason: reasonOf(answer) }
  }
  return {
    kind: 'created',
    id: ticketId,
    createdAt,
    isReplayed: answer.headers.get('idempotency-replayed') === 'true',
  }
}
