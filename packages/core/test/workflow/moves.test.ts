import { type Actor, ROLE_NAMES, type RoleName } from '@servicedesk/core'
import { tickets, ticketWatchers } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

/** Plainly, from the rows and the table of roles in contract.md: what becomes of a move. */
type Verdict = 'moves' | 'nothing' | 'forbidden' | 'transition_not_allowed'

interface Status extends Record<string, unknown> {
  id: number
  name: string
  class: string
}

const desk = await createCoreDesk(t)
const statuses = [
  ...(await desk.db.execute<Status>(sql`SELECT id, name, class FROM statuses ORDER BY position`)),
]
const rows = await desk.db.execute<{ from: number; to: number; roles: RoleName[] }>(sql`
  SELECT from_status_id AS from, to_status_id AS to, array_agg(role) AS roles
  FROM transitions JOIN transition_roles ON transition_id = id GROUP BY 1, 2`)

function oracle(role: RoleName, isOwner: boolean, from: Status, to: Status): Verdict {
  if (from.id === to.id) return 'nothing'
  const row = rows.find((each) => each.from === from.id && each.to === to.id)
  if (row === undefined) return 'transition_not_allowed'
  if (!row.roles.includes(role)) return 'forbidden'
  if (role !== 'Normal User') return 'moves'
  const closes = to.class === 'closed'
  const reopens = ['resolved', 'closed'].includes(from.class) && to.class === 'open'
  return isOwner && (closes || reopens) ? 'moves' : 'forbidden'
}

/** Of the ticket, as the last answer said. */
let version = 1

async function attempt(actor: Actor, id: number, to: Status): Promise<Verdict> {
  const known = version
  try {
    const after = await desk.core.tickets.setStatus(actor, id, { status: to.name })
    version = after.version
    if (after.status !== to.name) throw new Error(`answered ${after.status}`)
    return version === known ? 'nothing' : 'moves'
  } catch (error) {
    return (error as { code: Verdict }).code
  }
}

const owner = await desk.person('Normal User')
const watcher = await desk.person('Normal User')
const staff = await Promise.all(ROLE_NAMES.slice(1).map((role) => desk.person(role)))
const id = await desk.ticket(owner)
await desk.db.insert(ticketWatchers).values({ ticketId: id, userId: watcher.id, createdAt: desk.clock.now() })

for (const actor of [owner, watcher, ...staff]) {
  const who = actor === watcher ? 'a watcher' : actor.role
  t.test(`${who}: every status to every status`, async (t) => {
    const wrong: string[] = []
    for (const from of statuses) {
      for (const to of statuses) {
        const isDone = from.class === 'resolved' || from.class === 'closed'
        const at = isDone ? desk.clock.now() : null
        await desk.db
          .update(tickets)
          .set({ statusId: from.id, statusClass: from.class as never, resolvedAt: at, closedAt: at })
          .where(eq(tickets.id, id))
        const expected = oracle(actor.role, actor === owner, from, to)
        const seen = await attempt(actor, id, to)
        if (seen !== expected) wrong.push(`${from.name} → ${to.name}: ${seen}, not ${expected}`)
      }
    }
    t.strictSame(wrong, [])
  })
}

t.test('the table above has something of everything', async (t) => {
  const seen = new Set(
    ROLE_NAMES.flatMap((role) =>
      statuses.flatMap((from) => statuses.map((to) => oracle(role, true, from, to))),
    ),
  )
  t.strictSame([...seen].sort(), ['forbidden', 'moves', 'nothing', 'transition_not_allowed'])
})
