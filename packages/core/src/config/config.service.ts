import { auditLog, type Database, roles, slaPolicies } from '@servicedesk/db'
import { asc, eq } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import { invalid, notFound } from '../shared/errors.ts'
import type { Clock } from '../shared/ports.ts'
import { calendarView } from './calendars.ts'
import { type Configuration, type ConfigurationCache, type PolicyRow, requireNamed } from './configuration.ts'

/** The members of a policy that a PUT may change; absent ones stay. */
export interface PolicyChanges {
  name?: string
  priority?: string | null
  category?: string | null
  team?: string | null
  first_response_minutes?: number
  resolution_minutes?: number
  warning_percent?: number
}

function policyView(configuration: Configuration, policy: PolicyRow) {
  const nameOf = (rows: readonly { id: number; name: string }[], id: number | null) =>
    rows.find((row) => row.id === id)?.name ?? null
  return {
    id: policy.id,
    name: policy.name,
    position: policy.position,
    priority: nameOf(configuration.priorities, policy.priorityId),
    category: nameOf(configuration.categories, policy.categoryId),
    team: nameOf(configuration.teams, policy.teamId),
    calendar_id: policy.calendarId,
    first_response_minutes: policy.firstResponseSeconds / 60,
    resolution_minutes: policy.resolutionSeconds / 60,
    warning_percent: policy.warnPercent,
  }
}

/** Reads of the configuration, and the change of a policy's targets. */
export function createConfigService(deps: { db: Database; clock: Clock; configuration: ConfigurationCache }) {
  const { db, configuration } = deps
  return {
    /** `sla_hours` is the resolution target of the first policy that a plain ticket of the priority gets. */
    async priorities() {
      const { priorities, policies } = await configuration.get()
      return priorities.map((row) => {
        const policy = policies.find(
          (each) =>
            (each.priorityId === row.id || each.priorityId === null) &&
            each.categoryId === null &&
            each.teamId === null,
        )
        const sla_hours = policy === undefined ? null : policy.resolutionSeconds / 3_600
        return { id: row.id, name: row.name, sla_hours, color_code: row.colorCode }
      })
    },

    async statuses() {
      const { statuses } = await configuration.get()
      return statuses.map((row) => ({
        id: row.id,
        name: row.name,
        is_closed_status: row.class === 'resolved' || row.class === 'closed',
        class: row.class,
      }))
    },

    async categories() {
      const { categories } = await configuration.get()
      return categories.map(({ id, name, description }) => ({ id, name, description }))
    },

    async roles() {
      return db
        .select({
          id: roles.id,
          name: roles.name,
          description: roles.description,
          permissions: roles.permissions,
        })
        .from(roles)
        .orderBy(asc(roles.id))
    },

    async transitions() {
      const { transitions, statuses } = await configuration.get()
      const nameOf = (id: number) => statuses.find((row) => row.id === id)?.name ?? ''
      return transitions.map((row) => ({
        id: row.id,
        from: nameOf(row.fromStatusId),
        to: nameOf(row.toStatusId),
        roles: row.roles,
      }))
    },

    async policies() {
      const current = await configuration.get()
      return current.policies.map((policy) => policyView(current, policy))
    },

    async calendars() {
      return (await configuration.get()).calendars.map(calendarView)
    },

    async teams() {
      const { teams } = await configuration.get()
      return teams.map(({ id, name, description, parentId, supervisorId }) => ({
        id,
        name,
        description,
        parent_id: parentId,
        supervisor_id: supervisorId,
      }))
    },

    async assignment() {
      return (await configuration.get()).assignment
    },

    /**
     * Changes a policy; tickets created from then on start their clocks with it.
     * @throws DomainError 400 naming the member, 404
     */
    async updatePolicy(actor: Actor, id: number, changes: PolicyChanges) {
      const current = await configuration.get({ fresh: true })
      const set = policyColumns(current, changes)
      if (Object.keys(set).length > 0) {
        await db.transaction(async (tx) => {
          const rows = await tx.update(slaPolicies).set(set).where(eq(slaPolicies.id, id)).returning()
          if (rows.length === 0) throw notFound('SLA policy')
          await tx.insert(auditLog).values({
            actorId: actor.id,
            action: 'update',
            entity: 'sla_policy',
            entityId: String(id),
            data: { ...changes },
            createdAt: deps.clock.now(),
          })
        })
        configuration.invalidate()
      }
      const policy = (await this.policies()).find((row) => row.id === id)
      if (policy === undefined) throw notFound('SLA policy')
      return policy
    },
  }
}

function policyColumns(
  current: Configuration,
  changes: PolicyChanges,
): Partial<typeof slaPolicies.$inferInsert> {
  const set: Partial<typeof slaPolicies.$inferInsert> = {}
  const idOf = (rows: Parameters<typeof requireNamed>[0], name: string | null, path: string) =>
    name === null ? null : requireNamed(rows, name, path).id
  if (changes.name !== undefined) set.name = changes.name
  if (changes.priority !== undefined) set.priorityId = idOf(current.priorities, changes.priority, 'priority')
  if (changes.category !== undefined) set.categoryId = idOf(current.categories, changes.category, 'category')
  if (changes.team !== undefined) {
    const teams = current.teams.map((team) => ({ ...team, slug: team.name.toLowerCase() }))
    set.teamId = idOf(teams, changes.team, 'team')
  }
  if (changes.first_response_minutes !== undefined) {
    set.firstResponseSeconds = seconds(changes.first_response_minutes, 'first_response_minutes')
  }
  if (changes.resolution_minutes !== undefined) {
    set.resolutionSeconds = seconds(changes.resolution_minutes, 'resolution_minutes')
  }
  if (changes.warning_percent !== undefined) set.warnPercent = changes.warning_percent
  return set
}

const TEN_YEARS_SECONDS = 10 * 366 * 24 * 3_600

function seconds(minutes: number, path: string): number {
  const value = Math.round(minutes * 60)
  if (value < 1 || value > TEN_YEARS_SECONDS) throw invalid(path, 'must be between a second and ten years')
  return value
}

export type ConfigService = ReturnType<typeof createConfigService>
