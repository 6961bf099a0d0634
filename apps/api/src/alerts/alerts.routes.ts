import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, IdParam, Nullable, strict, Timestamp } from '../shared/schemas.ts'

const tags = ['Alerts']

const Alert = Type.Object({
  id: Type.Integer(),
  title: Type.String(),
  message: Type.String(),
  alert_type: Type.String(),
  is_read: Type.Boolean(),
  created_at: Timestamp,
  ticket_id: Nullable(Type.String()),
})
const UserParam = Type.Object({ user: Type.String({ pattern: '^(?:me|[1-9]\\d{0,14})$' }) }, strict)
const Query = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
    /** Also without a value, as clients write it. */
    unread_only: Type.Union([Type.Literal(''), Type.Boolean()], { default: false }),
  },
  strict,
)
const userOf = (text: string) => (text === 'me' ? ('me' as const) : Number(text))

/** What a person was told. */
export const alertRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.get(
    '/:user',
    {
      schema: {
        tags,
        operationId: 'listAlerts',
        summary: 'One’s alerts, newest first',
        params: UserParam,
        querystring: Query,
        response: answers({ 200: Type.Array(Alert) }),
      },
    },
    async (request) => {
      const { limit, unread_only } = request.query
      return core.alerts.list(request.actor, userOf(request.params.user), {
        limit,
        unreadOnly: unread_only !== false,
      })
    },
  )

  app.get(
    '/:user/count',
    {
      schema: {
        tags,
        operationId: 'countAlerts',
        summary: 'How many are unread',
        params: UserParam,
        response: answers({ 200: Type.Object({ count: Type.Integer() }) }),
      },
    },
    async (request) => ({ count: await core.alerts.countUnread(request.actor, userOf(request.params.user)) }),
  )

  app.put(
    '/:user/read-all',
    {
      schema: {
        tags,
        operationId: 'readAllAlerts',
        summary: 'Mark all as read',
        params: UserParam,
        response: answers({ 200: Type.Object({ message: Type.String(), updated: Type.Integer() }) }),
      },
    },
    async (request) => {
      const updated = await core.alerts.markAllRead(request.actor, userOf(request.params.user))
      return { message: 'Alerts marked as read', updated }
    },
  )

  app.put(
    '/:id/read',
    {
      schema: {
        tags,
        operationId: 'readAlert',
        summary: 'Mark one as read',
        params: IdParam,
        response: answers({ 200: Type.Object({ message: Type.String() }) }),
      },
    },
    async (request) => {
      await core.alerts.markRead(request.actor, request.params.id)
      return { message: 'Alert marked as read' }
    },
  )
}
