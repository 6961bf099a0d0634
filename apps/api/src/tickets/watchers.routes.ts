import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Actor, invalid, parseTicketId } from '@servicedesk/core'
import { Type } from 'typebox'
import { limited } from '../plugins/rate-limit.ts'
import { answerOnce } from '../shared/idempotency.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, IdInput, Nullable, strict, TicketParam, Timestamp, toId } from '../shared/schemas.ts'

const tags = ['Tickets']

const Watchers = Type.Object({
  watchers: Type.Array(
    Type.Object({
      user_id: Type.Integer(),
      name: Type.String(),
      email: Type.Optional(Type.String({ description: 'For staff only' })),
      since: Timestamp,
    }),
  ),
})
/** No body, an empty one or none of its members: oneself. */
const Whom = Nullable(Type.Object({ user_id: Type.Optional(IdInput) }, strict))
const UserId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const WhomQuery = Type.Object({ user_id: Type.Optional(UserId) }, strict)
const WatcherParam = Type.Object({ ...TicketParam.properties, user_id: UserId }, strict)

/** Who follows a ticket: they see it and are told what happens. Requesters add and remove only themselves. */
export const watcherRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  const { core } = deps

  async function remove(actor: Actor, ticket: string, userId: number) {
    const { watchers } = await core.watchers.remove(actor, parseTicketId(ticket, 'id'), userId)
    return { watchers }
  }

  app.get(
    '/:id/watchers',
    {
      schema: {
        tags,
        operationId: 'listWatchers',
        summary: 'Who follows a ticket',
        params: TicketParam,
        response: answers({ 200: Watchers }),
      },
    },
    async (request) => ({
      watchers: await core.watchers.list(request.actor, parseTicketId(request.params.id, 'id')),
    }),
  )

  app.post(
    '/:id/watchers',
    {
      config: limited('create'),
      schema: {
        tags,
        operationId: 'addWatcher',
        summary: 'Follow a ticket, or let somebody follow it',
        description: '200 instead of 201 for who follows it already.',
        params: TicketParam,
        body: Whom,
        response: answers({ 200: Watchers, 201: Watchers }),
      },
    },
    async (request, reply) => {
      const id = parseTicketId(request.params.id, 'id')
      const userId = request.body?.user_id === undefined ? request.actor.id : toId(request.body.user_id)
      return answerOnce(deps, request, reply, [id, userId], async (outer) => {
        const { watchers, hasChanged } = await core.watchers.add(request.actor, id, userId, outer)
        return { status: hasChanged ? 201 : 200, body: { watchers } }
      })
    },
  )

  app.delete(
    '/:id/watchers',
    {
      schema: {
        tags,
        operationId: 'removeWatcher',
        summary: 'Stop following a ticket; another is named in the query or the body',
        params: TicketParam,
        querystring: WhomQuery,
        body: Whom,
        response: answers({ 200: Watchers }),
      },
    },
    async (request) => {
      const [asked, sent] = [request.query.user_id, request.body?.user_id]
      if (asked !== undefined && sent !== undefined && asked !== toId(sent)) {
        throw invalid('user_id', 'is another in the query than in the body')
      }
      const userId = asked ?? (sent === undefined ? request.actor.id : toId(sent))
      return remove(request.actor, request.params.id, userId)
    },
  )

  app.delete(
    '/:id/watchers/:user_id',
    {
      schema: {
        tags,
        operationId: 'removeWatcherById',
        summary: 'Let somebody not follow a ticket any more',
        params: WatcherParam,
        response: answers({ 200: Watchers }),
      },
    },
    async (request) => remove(request.actor, request.params.id, request.params.user_id),
  )
}
