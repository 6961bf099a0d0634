import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { DELIVERY_STATUSES, type DeliveryStatus, invalid } from '@servicedesk/core'
import { Type } from 'typebox'
import { splitCommas } from '../shared/query.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import {
  answers,
  Nullable,
  NullableTimestamp,
  Pagination,
  pageQuery,
  strict,
  Timestamp,
} from '../shared/schemas.ts'

const Delivery = Type.Object({
  id: Type.String({ format: 'uuid' }),
  template: Type.String(),
  user_id: Nullable(Type.Integer()),
  to_email: Type.String(),
  ticket_id: Nullable(Type.String()),
  event_seq: Nullable(Type.Integer({ description: 'The event of the ticket that it tells of' })),
  status: Type.String({ description: DELIVERY_STATUSES.join(', ') }),
  attempts: Type.Integer(),
  reason: Nullable(Type.String({ description: 'Why the last try failed, or why it was discarded' })),
  created_at: Timestamp,
  sending_at: NullableTimestamp,
  sent_at: NullableTimestamp,
})

const Query = Type.Object(
  {
    ...pageQuery,
    status: Type.Optional(
      Type.Array(Type.String({ maxLength: 200 }), {
        maxItems: 100,
        description: `Repeated or comma-separated: ${DELIVERY_STATUSES.join(', ')}`,
      }),
    ),
  },
  strict,
)

const isStatus = (text: string): text is DeliveryStatus =>
  (DELIVERY_STATUSES as readonly string[]).includes(text)

function statusesOf(given: readonly string[] | undefined): DeliveryStatus[] | undefined {
  return splitCommas(given)?.map((text) => {
    if (!isStatus(text)) throw invalid('status', `must be of ${DELIVERY_STATUSES.join(', ')}`)
    return text
  })
}

/** What became of mails; not what they say. */
export const emailDeliveryRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.get(
    '/email-deliveries',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Operations'],
        operationId: 'listEmailDeliveries',
        summary: 'Mails and what became of them, newest first',
        querystring: Query,
        response: answers({
          200: Type.Object({ deliveries: Type.Array(Delivery), pagination: Pagination }),
        }),
      },
    },
    async (request) => {
      const { per_page, status, ...query } = request.query
      return core.deliveries.list({ ...query, perPage: per_page, statuses: statusesOf(status) })
    },
  )
}
