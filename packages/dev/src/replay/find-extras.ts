import { Refused } from './api-errors.ts'
import type { Caller } from './caller.ts'
import { elements, members, numberOf, textOf } from './json.ts'
import type { Posted } from './post-tickets.ts'
import { reasonOf } from './session.ts'

/** The newest ticket of somebody at a time; undefined when there is none. */
export interface Newest {
  id: number
  createdAt: string
}

interface Listed {
  id: number
  text: string
}

/** @throws Unreachable, Refused */
export async function readNewest(admin: Caller, userId: number): Promise<Newest | undefined> {
  const { tickets } = await readList(admin, `created_by=${userId}&per_page=1`)
  const { id, created_at } = members(tickets[0])
  const [newestId, createdAt] = [numberOf(id), textOf(created_at)]
  return newestId === undefined || createdAt === undefined ? undefined : { id: newestId, createdAt }
}

export interface Extras {
  /** Tickets with the text of a row that has its own ticket already. */
  duplicates: number[]
  /** Tickets of rows whose answer never came. */
  unanswered: number[]
}

/**
 * Looks for tickets that this run made and does not know of: an attempt may have created one though its answer was
 * lost. They are known by their text among all that the requester reported since the run began, so a replay of the
 * same file by the same person at the same time is taken for duplicates.
 * @param before the requester's newest ticket before the run
 * @throws Unreachable, Refused
 */
export async function findExtras(
  admin: Caller,
  userId: number,
  before: Newest | undefined,
  posted: readonly Posted[],
): Promise<Extras> {
  const known = new Set(posted.flatMap((each) => (each.kind === 'created' ? each.id : [])))
  const texts = new Set(posted.filter(({ kind }) => kind !== 'unsent').map(({ ticket }) => textKey(ticket)))
  const lost = posted.filter(({ kind }) => kind === 'unanswered').map(({ ticket }) => textKey(ticket))
  const extras: Extras = { duplicates: [], unanswered: [] }
  for (const ticket of await listSince(admin, userId, before)) {
    if (known.has(ticket.id) || !texts.has(ticket.text)) continue
    const index = lost.indexOf(ticket.text)
    if (index >= 0) lost.splice(index, 1)
    extras[index >= 0 ? 'unanswered' : 'duplicates'].push(ticket.id)
  }
  return extras
}

async function listSince(admin: Caller, userId: number, before: Newest | undefined): Promise<Listed[]> {
  const since = before === undefined ? '' : `&created_after=${encodeURIComponent(before.createdAt)}`
  const found: Listed[] = []
  const filters = `created_by=${userId}&per_page=100${since}`
  let page = await readList(admin, filters)
  for (;;) {
    for (const each of page.tickets.map(members)) {
      const id = numberOf(each.id)
      // created_after may include its instant.
      if (id === undefined || id <= (before?.id ?? 0)) continue
      found.push({
        id,
        text: textKey({ title: textOf(each.title) ?? '', description: textOf(each.description) ?? '' }),
      })
    }
    if (page.next === undefined) return found
    page = await readList(admin, `${filters}&cursor=${encodeURIComponent(page.next)}`)
  }
}

async function readList(admin: Caller, query: string) {
  const answer = await admin({ path: `/tickets?${query}` })
  if (answer.status !== 200) throw new Refused(`the list of tickets was refused: ${reasonOf(answer)}`)
  const { tickets, pagination } = members(answer.body)
  return { tickets: elements(tickets), next: textOf(members(pagination).next_cursor) }
}

/** White space at the ends is not what tells two tickets apart, and servers may trim it. */
function textKey({ title, description }: { title: string; description: string }): string {
  return JSON.stringify([title.trim(), description.trim()])
}
