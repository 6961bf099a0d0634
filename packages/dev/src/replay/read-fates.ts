import { inParallel } from '../in-parallel.ts'
import type { Caller } from './caller.ts'
import { elements, members, numberOf, textOf } from './json.ts'
import { IN_FLIGHT, type Posted } from './post-tickets.ts'

export type Created = Extract<Posted, { kind: 'created' }>

/** What became of a created ticket. */
export interface TicketFate {
  id: number
  line: number
  /** False when the API does not know the ticket that it created. */
  isFound: boolean
  agent: { id: number; name: string } | undefined
  /** Why it has no agent. */
  waitingReason: string | undefined
  /** From its creation to its assignment. */
  assignedAfterMs: number | undefined
  firstResponseBreached: boolean
  resolutionBreached: boolean
  /** 'none' when it was sent without a photograph. */
  thumbnail: 'none' | 'ready' | 'missing'
}

/**
 * Reads what became of the tickets of this run.
 * @throws Unreachable
 */
export function readFates(
  admin: Caller,
  created: readonly Created[],
  onDone: () => void,
): Promise<TicketFate[]> {
  return inParallel(created, IN_FLIGHT, async (each) => {
    const fate = await readFate(admin, each)
    onDone()
    return fate
  })
}

async function readFate(admin: Caller, { id, line, createdAt, photo }: Created): Promise<TicketFate> {
  const [ticket, assignment, thumbnail] = await Promise.all([
    admin({ path: `/tickets/${id}` }),
    admin({ path: `/tickets/${id}/assignment` }),
    photo === undefined ? ('none' as const) : readThumbnail(admin, id),
  ])
  const given = members(assignment.body)
  const [agentId, since] = [numberOf(given.assigned_to), textOf(given.since)]
  const sla = members(members(ticket.body).sla)
  const isBreached = (metric: string) => members(sla[metric]).state === 'breached'
  return {
    id,
    line,
    isFound: ticket.status === 200 && assignment.status === 200,
    agent:
      agentId === undefined
        ? undefined
        : { id: agentId, name: textOf(given.assigned_agent_name) ?? `agent ${agentId}` },
    waitingReason: textOf(given.waiting_reason),
    assignedAfterMs: since === undefined ? undefined : Date.parse(since) - Date.parse(createdAt),
    firstResponseBreached: isBreached('first_response'),
    resolutionBreached: isBreached('resolution'),
    thumbnail,
  }
}

/** Looks at the thumbnail itself, not only at what is said of it. */
async function readThumbnail(admin: Caller, ticketId: number): Promise<'ready' | 'missing'> {
  const files = await admin({ path: `/files/ticket/${ticketId}` })
  const fileId = textOf(members(elements(files.body)[0]).id)
  if (fileId === undefined) return 'missing'
  const { status, headers } = await admin({ path: `/files/${fileId}/thumbnail` })
  const isPicture = headers.get('content-type')?.startsWith('image/') ?? false
  return status === 200 && isPicture ? 'ready' : 'missing'
}
