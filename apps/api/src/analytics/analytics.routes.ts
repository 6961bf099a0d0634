import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers } from '../shared/schemas.ts'
import {
  Adherence,
  LimitQuery,
  PeriodQuery,
  SlaViolations,
  StatusCounts,
  TicketAging,
  UnassignedTickets,
  Volume,
  VolumeQuery,
} from './analytics.schemas.ts'

const tags = ['Analytics']
const staff = { access: 'staff' as const }

/** Figures of the desk. */
export const analyticsRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  const { analytics } = core

  app.get(
    '/sla-adherence',
    {
      config: staff,
      schema: {
        tags,
        operationId: 'getSlaAdherence',
        summary: 'How many promises for resolution were kept in a period, and whether more than before it',
        querystring: PeriodQuery,
        response: answers({ 200: Adherence }),
      },
    },
    async (request) => analytics.adherence(request.query),
  )

  app.get(
    '/sla-violations',
    {
      config: staff,
      schema: {
        tags,
        operationId: 'listSlaViolations',
        summary: 'The newest breaches of either clock',
        querystring: LimitQuery,
        response: answers({ 200: SlaViolations }),
      },
    },
    async (request) => analytics.slaViolations(request.query.limit),
  )

  app.get(
    '/ticket-aging',
    {
      config: staff,
      schema: {
        tags,
        operationId: 'getTicketAging',
        summary: 'How long open tickets have been open',
        response: answers({ 200: TicketAging }),
      },
    },
    async () => analytics.ticketAging(),
  )

  app.get(
    '/ticket-status-counts',
    {
      config: staff,
      schema: {
        tags,
        operationId: 'getTicketStatusCounts',
        summary: 'How many tickets are open, pending and closed',
        response: answers({ 200: StatusCounts }),
      },
    },
    async () => analytics.statusCounts(),
  )

  app.get(
    '/unassigned-tickets',
    {
      config: staff,
      schema: {
        tags,
        operationId: 'listUnassignedTickets',
        summary: 'The oldest open tickets that nobody has',
        querystring: LimitQuery,
        response: answers({ 200: UnassignedTickets }),
      },
    },
    async (request) => ({ tickets: await analytics.unassignedTickets(request.query.limit) }),
  )

  app.get(
    '/volume',
    {
      config: { access: 'supervisor' },
      schema: {
        tags,
        operationId: 'getVolume',
        summary:
          'What came, was resolved, came back and was left, hour by hour to month by month of any zone',
        querystring: VolumeQuery,
        response: answers({ 200: Volume }),
      },
    },
    async (request) => analytics.volume(request.query),
  )
}
