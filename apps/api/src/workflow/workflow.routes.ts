import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, strict } from '../shared/schemas.ts'

const tags = ['Tickets']

const Statuses = Type.Array(
  Type.Object({
    name: Type.String(),
    description: Type.String(),
    color: Type.String(),
    order: Type.Integer(),
    is_open: Type.Boolean({ description: 'Of class new, open or pending' }),
    class: Type.String({ description: 'new, open, pending, resolved or closed' }),
  }),
)
const Workflow = Type.Object({
  statuses: Statuses,
  transitions: Type.Record(Type.String(), Type.Array(Type.String())),
  role_permissions: Type.Record(
    Type.String(),
    Type.Object({
      can_create: Type.Boolean(),
      can_update: Type.Array(Type.String(), { description: 'The statuses that it may move tickets to' }),
      can_close: Type.Boolean(),
      can_reopen: Type.Boolean(),
    }),
  ),
})
const Allowed = Type.Object({
  current_status: Type.String(),
  allowed_transitions: Type.Array(Type.String()),
  statuses: Statuses,
})
const StatusParam = Type.Object(
  { status: Type.String({ maxLength: 100, description: 'A name in any case, or a slug' }) },
  strict,
)

/** The workflow, for clients that offer only what will be accepted. */
export const workflowRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  for (const [url, operationId] of [
    ['/workflow/transitions', 'getWorkflow'],
    ['/status/workflow', 'getStatusWorkflow'],
  ] as const) {
    app.get(
      url,
      {
        schema: {
          tags,
          operationId,
          summary: 'Statuses, where each leads to, and what each role may do',
          response: answers({ 200: Workflow }),
        },
      },
      async () => core.workflow.workflow(),
    )
  }

  app.get(
    '/status/allowed-transitions/:status',
    {
      schema: {
        tags,
        operationId: 'listAllowedTransitions',
        summary: 'Where the caller may move a ticket of this status',
        params: StatusParam,
        response: answers({ 200: Allowed }),
      },
    },
    async (request) => core.workflow.allowedFrom(request.actor, request.params.status),
  )
}
