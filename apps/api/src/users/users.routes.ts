import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { UserChanges } from '@servicedesk/core'
import { answerOnce } from '../shared/idempotency.ts'
import { splitCommas } from '../shared/query.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, IdParam, Message } from '../shared/schemas.ts'
import { NewUser, SelfPatch, User, UserList, UserPatch, UserQuery } from './users.schemas.ts'

const tags = ['Users']

/** Accounts and agents. */
export const userRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  const { core } = deps

  app.get(
    '/',
    {
      config: { access: 'staff' },
      schema: {
        tags,
        operationId: 'listUsers',
        summary: 'Find people',
        querystring: UserQuery,
        response: answers({ 200: UserList }),
      },
    },
    async (request) => {
      const { per_page, role, is_active, ...query } = request.query
      return core.users.list({
        ...query,
        roles: role === undefined ? undefined : splitCommas(role),
        isActive: is_active,
        perPage: per_page,
      })
    },
  )

  app.post(
    '/',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        operationId: 'createUser',
        summary: 'Make an account',
        body: NewUser,
        response: answers({ 201: User }),
      },
    },
    async (request, reply) => {
      const create = await core.users.prepare(request.body)
      const body = await answerOnce(deps, request, reply, request.body, async (outer) => {
        const user = await create(outer)
        return { status: 201, headers: { location: `/api/v1/users/${user.id}` }, body: user }
      })
      return reply.code(201).send(body)
    },
  )

  app.get(
    '/me',
    {
      schema: {
        tags,
        operationId: 'getSelf',
        summary: 'One’s own account',
        response: answers({ 200: User }),
      },
    },
    async (request) => core.users.get(request.actor, request.actor.id),
  )

  app.put(
    '/me',
    {
      schema: {
        tags,
        operationId: 'updateSelf',
        summary: 'Change one’s own name',
        body: SelfPatch,
        response: answers({ 200: User }),
      },
    },
    async (request) => core.users.updateSelf(request.actor, request.body),
  )

  app.get(
    '/:id',
    {
      schema: {
        tags,
        operationId: 'getUser',
        summary: 'One account',
        params: IdParam,
        response: answers({ 200: User }),
      },
    },
    async (request) => core.users.get(request.actor, request.params.id),
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/:id',
      config: { access: 'admin' },
      schema: {
        tags,
        operationId: method === 'PUT' ? 'updateUser' : 'patchUser',
        summary: 'Change an account; members that are not sent stay',
        params: IdParam,
        body: UserPatch,
        response: answers({ 200: User }),
      },
      handler: async (request) => core.users.update(request.params.id, request.body as UserChanges),
    })
  }

  app.delete(
    '/:id',
    {
      config: { access: 'admin' },
      schema: {
        tags,
        operationId: 'deactivateUser',
        summary: 'Deactivate an account; its open tickets go back to assignment',
        params: IdParam,
        response: answers({ 200: Message }),
      },
    },
    async (request) => {
      await core.users.deactivate(request.actor, request.params.id)
      return { message: 'User deactivated' }
    },
  )
}
