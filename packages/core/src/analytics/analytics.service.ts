import type { Database } from '@servicedesk/db'
import type { ConfigurationCache } from '../config/configuration.ts'
import { isSupervisor } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import type { Clock } from '../shared/ports.ts'
import { type Adherence, adherence } from './adherence.ts'
import { type TicketAging, ticketAging } from './ageing.ts'
import { bucketStart, cutPeriod } from './buckets.ts'
import { type AgentPerformance, agentPerformance } from './performance.ts'
import { createZones, type PeriodQuery, resolvePeriod } from './period.ts'
import { type SlaDashboard, slaDashboard } from './sla-dashboard.ts'
import { type StatusCounts, statusCounts } from './status-counts.ts'
import { type UnassignedTicket, unassignedTickets } from './unassigned.ts'
import { type SlaViolation, slaViolations } from './violations.ts'
import { type VolumeBucket, volume } from './volume.ts'
import { type AgentWorkload, agentWorkload } from './workload.ts'

/** What was counted, and for which period. */
export interface VolumeReport {
  from: string
  to: string
  bucket: string
  tz: string
  buckets: VolumeBucket[]
}

/**
 * Figures of the desk. Each is exact at the moment at which it is read: days that are over come from their rollups,
 * the rest is counted. Deleted tickets are in none.
 */
export function createAnalyticsService(deps: {
  reports: Database
  clock: Clock
  configuration: ConfigurationCache
}) {
  const { reports, clock, configuration } = deps
  const zoneOf = createZones()
  const agentsToday = async () => ({
    includeSupervisors: (await configuration.get()).assignment.include_supervisors,
  })

  return {
    /** @throws DomainError 400 for an impossible period or zone */
    async adherence(query: PeriodQuery): Promise<Adherence> {
      return adherence(reports, resolvePeriod(query, zoneOf(query.tz), clock.now()))
    },

    async slaDashboard(): Promise<SlaDashboard> {
      return slaDashboard(reports, await configuration.get(), clock.now())
    },

    /** Without `from`, 30 days back and to the beginning of the bucket there. @throws DomainError 400 */
    async volume({
      bucket = 'day',
      ...query
    }: PeriodQuery & { bucket?: string | undefined }): Promise<VolumeReport> {
      const [zone, now] = [zoneOf(query.tz), clock.now()]
      const asked = resolvePeriod(query, zone, now)
      const from = query.from === undefined ? bucketStart(asked.from, bucket, zone) : asked.from
      const buckets = await volume(reports, cutPeriod({ from, to: asked.to }, bucket, zone), now)
      return { from: from.toISOString(), to: asked.to.toISOString(), bucket, tz: zone.name, buckets }
    },

    async agentWorkload(): Promise<AgentWorkload[]> {
      return agentWorkload(reports, await agentsToday())
    },

    /** Of all agents for supervisors, for others their own. @throws DomainError 400 */
    async agentPerformance(actor: Actor, query: PeriodQuery): Promise<AgentPerformance[]> {
      const period = resolvePeriod(query, zoneOf(query.tz), clock.now())
      const only = isSupervisor(actor.role) ? null : actor.id
      return agentPerformance(reports, period, { ...(await agentsToday()), only })
    },

    ticketAging: (): Promise<TicketAging> => ticketAging(reports, clock.now()),

    statusCounts: (): Promise<StatusCounts> => statusCounts(reports),

    async slaViolations(limit: number): Promise<SlaViolation[]> {
      return slaViolations(reports, await configuration.get(), limit, clock.now())
    },

    unassignedTickets: (limit: number): Promise<UnassignedTicket[]> =>
      unassignedTickets(reports, limit, clock.now()),
  }
}

export type AnalyticsService = ReturnType<typeof createAnalyticsService>
