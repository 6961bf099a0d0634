import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { JSON_BODY, members, numberOf, reasonOf, textOf } from '@servicedesk/dev'
import type { Journal, Write } from './journal.ts'
import type { Person } from './people.ts'

export interface Ticket {
  title: string
  description: string
  priority?: string
  category?: string
}

/** A photograph under a name of its own, by which its upload is found again. */
export interface Photo {
  name: string
  bytes: Buffer
}

export function readPhoto(path: string, marker: string): Photo {
  return { name: `${marker}-${basename(path)}`, bytes: readFileSync(path) }
}

/** Reports a problem, with a photograph or without. */
export async function createTicket(
  journal: Journal,
  person: Person,
  marker: string,
  ticket: Ticket,
  photo: Photo | undefined,
): Promise<Write> {
  const description = `${ticket.description.slice(0, 19_000)}\n[${marker}]`
  const write = journal.begin({ kind: 'ticket', marker, ticketId: undefined, content: description })
  const upload =
    photo === undefined
      ? undefined
      : journal.begin({
          kind: 'upload',
          marker: photo.name,
          ticketId: undefined,
          content: sha256(photo.bytes),
        })
  await send(write, person, {
    path: '/tickets',
    marker,
    isForm: photo !== undefined,
    body: () => {
      if (photo === undefined) return JSON.stringify({ ...ticket, description })
      const form = new FormData()
      for (const [name, value] of Object.entries({ ...ticket, description })) form.set(name, value)
      form.set('files', new File([photo.bytes], photo.name, { type: 'image/jpeg' }))
      return form
    },
  })
  write.ticketId = write.id === undefined ? undefined : Number(write.id)
  // The file came in the ticket's own request: acknowledged together or not at all. Its id is found by its name.
  if (upload !== undefined) {
    Object.assign(upload, {
      outcome: write.outcome,
      answeredAt: write.answeredAt,
      ticketId: write.ticketId,
      reason: write.reason,
    })
  }
  return write
}

/** Says something on a ticket. */
export async function postMessage(
  journal: Journal,
  person: Person,
  marker: string,
  ticketId: number,
): Promise<void> {
  const content = `Looking into it, more soon. [${marker}]`
  const write = journal.begin({ kind: 'message', marker, ticketId, content })
  await send(write, person, {
    path: '/messages',
    marker,
    body: () => JSON.stringify({ ticket_id: ticketId, message: content }),
  })
}

/** Uploads a photograph to a ticket. */
export async function uploadPhoto(
  journal: Journal,
  person: Person,
  photo: Photo,
  ticketId: number,
): Promise<void> {
  const write = journal.begin({ kind: 'upload', marker: photo.name, ticketId, content: sha256(photo.bytes) })
  await send(write, person, {
    path: '/files/upload',
    marker: photo.name,
    isForm: true,
    body: () => {
      const form = new FormData()
      form.set('ticket_id', String(ticketId))
      form.set('file', new File([photo.bytes], photo.name, { type: 'image/jpeg' }))
      return form
    },
  })
}

/** Resolves a ticket, which frees its agent. Asked again, it is resolved already and nothing changes. */
export async function resolveTicket(
  journal: Journal,
  person: Person,
  marker: string,
  ticketId: number,
): Promise<void> {
  const write = journal.begin({ kind: 'resolve', marker, ticketId, content: 'Resolved' })
  await send(write, person, {
    method: 'PATCH',
    path: `/tickets/${ticketId}`,
    marker,
    body: () => JSON.stringify({ status: 'Resolved' }),
  })
}

interface Sending {
  method?: string
  path: string
  /** The Idempotency-Key. */
  marker: string
  /** Otherwise the body is JSON. */
  isForm?: boolean
  body: () => string | FormData
}

async function send(
  write: Write,
  person: Person,
  { method = 'POST', path, marker, isForm = false, body }: Sending,
) {
  try {
    const answer = await person.call({
      method: method as 'POST',
      path,
      headers: { 'idempotency-key': marker, ...(isForm ? {} : JSON_BODY) },
      body: async () => body(),
    })
    const { id } = members(answer.body)
    const isGood = answer.status === 200 || answer.status === 201
    write.outcome = isGood ? 'acknowledged' : 'refused'
    write.id = numberOf(id)?.toString() ?? textOf(id)
    if (!isGood) write.reason = `${answer.status} ${reasonOf(answer)}`
  } catch (error) {
    write.outcome = 'unanswered'
    write.reason = error instanceof Error ? error.message : String(error)
  }
  write.answeredAt = Date.now()
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
