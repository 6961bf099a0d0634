import { count, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Tx } from './executor.ts'
import * as s from './schema/index.ts'

const ALL_ROLES = ['Normal User', 'Technical User', 'Technical Supervisor', 'System Admin'] as const
const STAFF = ALL_ROLES.slice(1)

const ROLES = [
  {
    id: 1,
    name: 'Normal User',
    description: 'Reports problems and follows them',
    permissions: ['tickets:own'],
  },
  {
    id: 2,
    name: 'Technical User',
    description: 'Works on tickets',
    permissions: ['tickets:all', 'tickets:assign', 'users:read'],
  },
  {
    id: 3,
    name: 'Technical Supervisor',
    description: 'Works on tickets, watches the promises and the figures',
    permissions: ['tickets:all', 'tickets:assign', 'tickets:force', 'users:read', 'analytics:read', 'export'],
  },
  {
    id: 4,
    name: 'System Admin',
    description: 'May do everything, configuration and users included',
    permissions: ['*'],
  },
]

const STATUSES = [
  { name: 'New', slug: 'new', class: 'new', color: '#2563eb', description: 'Reported, nobody assigned yet' },
  { name: 'Open', slug: 'open', class: 'open', color: '#0891b2', description: 'Assigned, work not begun' },
  {
    name: 'In Progress',
    slug: 'in_progress',
    class: 'open',
    color: '#7c3aed',
    description: 'Being worked on',
  },
  {
    name: 'Pending',
    slug: 'pending',
    class: 'pending',
    color: '#ca8a04',
    description: 'Waiting for somebody else',
  },
  {
    name: 'Resolved',
    slug: 'resolved',
    class: 'resolved',
    color: '#16a34a',
    description: 'Solved, may be reopened',
  },
  { name: 'Closed', slug: 'closed', class: 'closed', color: '#6b7280', description: 'Done' },
] as const

const TRANSITIONS: Record<string, string[]> = {
  New: ['Open', 'In Progress', 'Pending', 'Resolved', 'Closed'],
  Open: ['In Progress', 'Pending', 'Resolved', 'Closed'],
  'In Progress': ['Open', 'Pending', 'Resolved', 'Closed'],
  Pending: ['Open', 'In Progress', 'Resolved', 'Closed'],
  Resolved: ['Open', 'Closed'],
  Closed: ['Open'],
}

const HOUR = 3600
const PRIORITIES = [
  {
    name: 'Critical',
    slug: 'critical',
    rank: 1,
    colorCode: '#dc2626',
    first: HOUR / 2,
    resolution: 4 * HOUR,
  },
  { name: 'High', slug: 'high', rank: 2, colorCode: '#ea580c', first: HOUR, resolution: 8 * HOUR },
  { name: 'Medium', slug: 'medium', rank: 3, colorCode: '#ca8a04', first: 4 * HOUR, resolution: 24 * HOUR },
  { name: 'Low', slug: 'low', rank: 4, colorCode: '#16a34a', first: 8 * HOUR, resolution: 72 * HOUR },
]

const CATEGORIES = [
  { name: 'Hardware', description: 'Computers, printers, phones' },
  { name: 'Software', description: 'Programs and licences' },
  { name: 'Network', description: 'Wired, wireless, VPN' },
  { name: 'Access', description: 'Accounts, permissions, passwords' },
  { name: 'Email', description: 'Mailboxes and calendars' },
  { name: 'Security', description: 'Incidents and suspicions' },
  { name: 'Other', description: 'Everything else' },
]

const SETTINGS = {
  assignment: {
    strategy: 'workload',
    include_supervisors: true,
    pending_frees_capacity: false,
    weights: { capacity: 50, skills: 30, sla: 10, presence: 10 },
  },
}

async function isEmpty(tx: Tx, table: PgTable): Promise<boolean> {
  const [row] = await tx.select({ rows: count() }).from(table)
  return row?.rows === 0
}

/**
 * Inserts the default configuration where it is missing. A table that an admin can edit is filled only while
 * it is empty, so that a category deleted on purpose does not come back with the next release.
 */
export async function insertDefaults(tx: Tx): Promise<void> {
  await tx.insert(s.roles).values(ROLES).onConflictDoNothing()
  for (const [key, value] of Object.entries(SETTINGS)) {
    await tx.insert(s.settings).values({ key, value }).onConflictDoNothing()
  }
  if (await isEmpty(tx, s.statuses)) await insertStatuses(tx)
  if (await isEmpty(tx, s.priorities)) {
    await tx.insert(s.priorities).values(PRIORITIES.map(({ first, resolution, ...row }) => row))
  }
  if (await isEmpty(tx, s.categories)) {
    await tx.insert(s.categories).values(CATEGORIES.map((row) => ({ ...row, slug: row.name.toLowerCase() })))
  }
  if (await isEmpty(tx, s.slaPolicies)) await insertPolicies(tx)
}

async function insertStatuses(tx: Tx): Promise<void> {
  const rows = await tx
    .insert(s.statuses)
    .values(STATUSES.map((row, position) => ({ ...row, position })))
    .returning({ id: s.statuses.id, name: s.statuses.name })
  const idOf = new Map(rows.map((row) => [row.name, row.id]))
  const pairs = Object.entries(TRANSITIONS).flatMap(([from, targets]) =>
    targets.map((to) => ({ from, to, fromStatusId: idOf.get(from) ?? 0, toStatusId: idOf.get(to) ?? 0 })),
  )
  const made = await tx
    .insert(s.transitions)
    .values(pairs.map(({ fromStatusId, toStatusId }) => ({ fromStatusId, toStatusId })))
    .returning()
  await tx.insert(s.transitionRoles).values(
    made.flatMap((row) => {
      const pair = pairs.find((p) => p.fromStatusId === row.fromStatusId && p.toStatusId === row.toStatusId)
      const requestersToo = pair?.to === 'Closed' || pair?.from === 'Resolved' || pair?.from === 'Closed'
      return (requestersToo ? ALL_ROLES : STAFF).map((role) => ({ transitionId: row.id, role }))
    }),
  )
}

async function insertPolicies(tx: Tx): Promise<void> {
  const [calendar] = await tx
    .insert(s.calendars)
    .values({ name: '24x7' })
    .onConflictDoUpdate({ target: s.calendars.name, set: { name: sql`excluded.name` } })
    .returning({ id: s.calendars.id })
  if (calendar === undefined) throw new Error('the 24x7 calendar could not be inserted')
  await tx.insert(s.calendarVersions).values({
    calendarId: calendar.id,
    timeZone: 'UTC',
    intervals: [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, startMinute: 0, endMinute: 1_440 })),
    holidays: [],
    createdAt: sql`now()`,
  })
  const priorities = await tx.select().from(s.priorities)
  await tx.insert(s.slaPolicies).values(
    priorities.map((priority) => {
      const target = PRIORITIES.find((row) => row.slug === priority.slug) ?? {
        first: 4 * HOUR,
        resolution: 24 * HOUR,
      }
      return {
        name: priority.name,
        // Room in front for policies that are more particular.
        position: 100 + priority.rank,
        priorityId: priority.id,
        calendarId: calendar.id,
        firstResponseSeconds: target.first,
        resolutionSeconds: target.resolution,
      }
    }),
  )
}
