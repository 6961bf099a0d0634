import { type Actor, createCore, hashPassword, insertUser, type RoleName } from '@servicedesk/core'
import {
  agents,
  closeDatabase,
  createDatabase,
  type Database,
  schema,
  type Tx,
  teams,
  users,
} from '@servicedesk/db'
import { and, eq, inArray, isNull } from 'drizzle-orm'
import { SAMPLE_MAX_TICKETS, SAMPLE_PASSWORD, samplePeople } from './people.ts'
import { type SampleTicket, sampleTickets } from './tickets.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/**
 * Loads the sample organisation, people and tickets, all or nothing; does nothing when its admin exists.
 * The tickets are made by the product's own rules at moments in the past.
 */
export async function loadSampleData(options: { databaseUrl: string }): Promise<{ loaded: boolean }> {
  const db = createDatabase(options.databaseUrl, { max: 2, applicationName: 'servicedesk-sample' })
  try {
    const passwordHash = await hashPassword(SAMPLE_PASSWORD)
    return await db.transaction(async (tx) => {
      const known = await tx.select().from(users).where(eq(users.email, 'admin@example.com'))
      if (known.length > 0) return { loaded: false }
      const people = await insertPeople(tx, passwordHash, new Date())
      await insertTickets(tx, people)
      return { loaded: true }
    })
  } finally {
    await closeDatabase(db)
  }
}

async function insertPeople(tx: Tx, passwordHash: string, now: Date): Promise<Actor[]> {
  const actors: Actor[] = []
  for (const { email, name, role } of samplePeople) {
    const [firstName = name, lastName = ''] = name.split(' ')
    const row = await insertUser(tx, {
      email,
      name,
      firstName,
      lastName,
      role,
      passwordHash,
      isVerified: true,
      createdAt: now,
    })
    actors.push({ id: row.id, name, email, role: role as RoleName, sessionId: '' })
  }
  await tx
    .update(agents)
    .set({ maxTickets: SAMPLE_MAX_TICKETS })
    .where(
      inArray(
        agents.userId,
        actors.map((actor) => actor.id),
      ),
    )
  // A team that nobody is in: what its tickets wait for is worth seeing.
  await tx.insert(teams).values({ name: 'Facilities', description: 'Doors, rooms and what is in them' })
  return actors
}

/** A clock that the histories below set. */
function settableClock() {
  let at = new Date()
  return {
    now: () => at,
    set(instant: number) {
      at = new Date(instant)
    },
  }
}

async function insertTickets(tx: Tx, people: Actor[]): Promise<void> {
  const clock = settableClock()
  const owed: string[] = []
  const ids: number[] = []
  const core = createCore({
    // The services open their transactions as savepoints of this one, so that a load is all or nothing.
    db: tx as unknown as Database,
    clock,
    dispatch: (rows) => owed.push(...rows.map((row) => row.id)),
    files: { quotaBytes: undefined, isScanned: false },
    mail: { groupSeconds: 0 },
    link: () => '',
    auth: { secret: '', refreshTokenDays: 1, passwords: { refuseCommon: false } },
  })
  const [admin] = people
  const staff = [
    ...people.filter((each) => each.role === 'Technical User'),
    ...people.filter((each) => each.role === 'Technical Supervisor'),
  ]
  const requesters = people.filter((each) => each.role === 'Normal User')
  const started = Date.now()
  for (const sample of sampleTickets) {
    const requester = requesters[sample.requester]
    if (admin === undefined || requester === undefined) throw new Error('the sample has no such person')
    clock.set(started - sample.hoursAgo * HOUR_MS)
    const { id } = await core.tickets.create(requester, {
      title: sample.title,
      description: sample.description,
      priority: sample.priority,
      category: sample.category,
    })
    ids.push(id)
    const agent = sample.assignee === null ? undefined : staff[sample.assignee]
    if (agent === undefined) await core.tickets.update(admin, id, { team: 'Facilities' })
    else await work(core, clock, { id, sample, admin, agent })
  }
  await forgetWhatIsOwed(tx, ids, owed)
}

/** Assignment, answer and the way to the ticket's status, minutes apart. */
async function work(
  core: ReturnType<typeof createCore>,
  clock: ReturnType<typeof settableClock>,
  { id, sample, admin, agent }: { id: number; sample: SampleTicket; admin: Actor; agent: Actor },
): Promise<void> {
  let at = clock.now().getTime()
  const later = (minutes: number) => {
    at += minutes * MINUTE_MS
    clock.set(at)
  }
  later(1)
  await core.tickets.update(admin, id, { assigned_to: agent.id })
  if (sample.answer !== undefined) {
    later(8)
    await core.messages.post(agent, { ticketId: id, body: sample.answer })
  }
  const ways: Record<SampleTicket['status'], string[]> = {
    New: [],
    Open: [],
    'In Progress': ['In Progress'],
    Pending: ['In Progress', 'Pending'],
    Resolved: ['In Progress', 'Resolved'],
    Closed: ['In Progress', 'Resolved', 'Closed'],
  }
  for (const status of ways[sample.status]) {
    later(12)
    await core.tickets.update(agent, id, { status })
  }
}

/** The sample's past is history: nobody is owed a mail or a job for it, and it is no news to anybody. */
async function forgetWhatIsOwed(tx: Tx, ids: number[], owed: string[]): Promise<void> {
  const { alerts, emailDeliveries, outbox, tickets } = schema
  await tx.delete(emailDeliveries).where(inArray(emailDeliveries.ticketId, ids))
  await tx.delete(outbox).where(inArray(outbox.id, owed))
  await tx.update(alerts).set({ isRead: true }).where(inArray(alerts.ticketId, ids))
  const waitingReason = 'No agent of team Facilities is available with capacity left'
  await tx
    .update(tickets)
    .set({ waitingReason })
    .where(and(inArray(tickets.id, ids), isNull(tickets.assignedTo)))
}
