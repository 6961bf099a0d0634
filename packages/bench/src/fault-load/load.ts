import { listPhotos, mapRow, readRows, UserError } from '@servicedesk/dev'
import type { Random } from '../faults/random.ts'
import type { Journal } from './journal.ts'
import { type Person, signInPeople } from './people.ts'
import { createTicket, postMessage, readPhoto, resolveTicket, uploadPhoto } from './requests.ts'

export interface LoadOptions {
  apis: readonly string[]
  journal: Journal
  random: Random
  /** Requests a second. */
  rate: number
  file: string
  photos: string
}

export interface Load {
  /** Stops asking for new things; resolves when every request has its answer. */
  stop(): Promise<void>
  /** Resolves the oldest tickets until so few are open that the agents can hold them all. */
  makeRoom(): Promise<void>
}

/** At most so many at a time: behind an outage requests would pile up without end. */
const IN_FLIGHT = 60
/** How long a ticket is worked on before it is resolved. */
const WORK_MS = 8_000
/** Fewer than all agents together may hold. */
const LEFT_OPEN = 40

/** Real people's day in short: new tickets, some with a picture; answers, pictures, and tickets that get resolved. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { journal, random } = options
  const rows = readRows(options.file).map(mapRow)
  const usable = rows.filter((row) => row.title.length >= 3 && row.description.trim().length >= 10)
  const photos = listPhotos(options.photos)
  if (usable.length === 0) throw new UserError(`${options.file} has no ticket that the API would take.`)
  const { requesters, agent } = await signInPeople(options.apis, journal)
  const open: { id: number; at: number; person: Person }[] = []
  const running = new Set<Promise<unknown>>()
  let count = 0
  let stopped = false

  const photo = (marker: string) => readPhoto(random.pick(photos), marker)

  async function create(marker: string): Promise<void> {
    const person = random.pick(requesters)
    const picture = random.next() < 0.2 ? photo(marker) : undefined
    const write = await createTicket(journal, person, marker, random.pick(usable), picture)
    if (write.ticketId !== undefined) open.push({ id: write.ticketId, at: Date.now(), person })
  }

  async function act(): Promise<void> {
    count += 1
    const marker = `m${count}`
    const worked = open.findIndex((ticket) => ticket.at < Date.now() - WORK_MS)
    const dice = random.next()
    const some = open.length > 0 ? random.pick(open) : undefined
    if (dice < 0.4 || some === undefined) return create(marker)
    if (dice < 0.55) return postMessage(journal, random.next() < 0.5 ? agent : some.person, marker, some.id)
    if (dice < 0.6) return uploadPhoto(journal, some.person, photo(marker), some.id)
    const [done] = worked === -1 ? [] : open.splice(worked, 1)
    return done === undefined ? create(marker) : resolveTicket(journal, agent, marker, done.id)
  }

  const timer = setInterval(() => {
    if (stopped || running.size >= IN_FLIGHT) return
    const acting = act().finally(() => running.delete(acting))
    running.add(acting)
  }, 1_000 / options.rate)

  return {
    async stop() {
      stopped = true
      clearInterval(timer)
      await Promise.all(running)
    },
    async makeRoom() {
      for (const ticket of open.splice(0, Math.max(0, open.length - LEFT_OPEN))) {
        count += 1
        await resolveTicket(journal, agent, `m${count}`, ticket.id)
      }
    },
  }
}
