import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, Nullable, Pagination, pageQuery, strict, Text, Timestamp } from '../shared/schemas.ts'

const Entry = Type.Object({
  id: Type.Integer(),
  actor_id: Nullable(Type.Integer()),
  actor_name: Nullable(Type.String()),
  action: Type.String(),
  entity: Type.String({ description: 'What kind of thing was changed: priority, calendar, job …' }),
  entity_id: Nullable(Type.String()),
  data: Type.Any({ description: 'What it was and became' }),
  created_at: Timestamp,
})

const Query = Type.Object(
  {
    ...pageQuery,
    actor: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    action: Type.Optional(Text(1, 100)),
    entity: Type.Optional(Text(1, 100)),
    entity_id: Type.Optional(Text(1, 100)),
  },
  strict,
)

/** Who changed what about how the desk works. */
export const auditLogRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.get(
    '/audit-log',
    {
      config: { access: 'admin' },
      schema: {
        tags: ['Operations'],
        operationId: 'listAuditLog',
        summary: 'Changes of configuration and what admins did by hand, newest first',
        querystring: Query,
        response: answers({ 200: Type.Object({ entries: Type.Array(Entry), pagination: Pagination }) }),
      },
    },
    async (request) => {
      const { per_page, actor, entity_id, ...query } = request.query
      return core.auditLog.list({ ...query, perPage: per_page, actorId: actor, entityId: entity_id })
    },
  )
}
