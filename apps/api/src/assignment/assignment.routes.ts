import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Assignee, invalid, parseTicketId } from '@servicedesk/core'
import { etagOf, ifMatchVersions } from '../shared/etag.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, TicketParam } from '../shared/schemas.ts'
import { AssignBody, Assigned, Assignment, AssignQuery } from './assignment.schemas.ts'

const tags = ['Assignment']

/** Who has a ticket, and who gets it. */
export const assignmentRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  app.get(
    '/:id/assignment',
    {
      config: { access: 'staff' },
      schema: {
        tags,
        operationId: 'getAssignment',
        summary: 'Who has it and why, or why it waits, and whom the score recommends',
        params: TicketParam,
        response: answers({ 200: Assignment }),
      },
    },
    async (request) => core.assignment.explain(request.actor, parseTicketId(request.params.id, 'id')),
  )

  for (const method of ['PUT', 'POST'] as const) {
    app.route({
      method,
      url: '/:id/assign',
      config: { access: 'staff' },
      schema: {
        tags,
        operationId: method === 'PUT' ? 'assignTicket' : 'postAssignment',
        summary: 'Give a ticket to an agent, to whom the engine chooses, or back to the queue',
        params: TicketParam,
        querystring: AssignQuery,
        body: AssignBody,
        response: answers({ 200: Assigned }),
      },
      handler: async (request, reply) => {
        const force = request.body?.force ?? request.query.force
        const { message, ticket, previous_assignee } = await core.assignment.assign(
          request.actor,
          parseTicketId(request.params.id, 'id'),
          assigneeAsked(request.query.agent_id, request.body?.agent_id),
          { force, ifMatch: ifMatchVersions(request.headers['if-match']) },
        )
        reply.header('ETag', etagOf(ticket.version))
        return { message, ticket_id: ticket.ticket_id, assigned_to: ticket.assigned_to, previous_assignee }
      },
    })
  }
}

/** Whom query and body name, or the one that names anybody. @throws DomainError 400 when they differ, or neither does */
function assigneeAsked(inQuery: AgentInput, inBody: AgentInput): Assignee {
  const asked = assigneeOf(inBody === undefined ? inQuery : inBody)
  if (inQuery !== undefined && assigneeOf(inQuery) !== asked)
    throw invalid('agent_id', 'must be the same in query and body')
  return asked
}

type AgentInput = number | string | null | undefined

/** The member as body and query carry it: absent, which is refused, a word, an id as integer or decimal string. */
function assigneeOf(value: AgentInput): Assignee {
  if (value === undefined) throw invalid('agent_id', 'is required: an agent, "auto", or null to unassign')
  if (value === 'auto') return 'auto'
  return value === null || value === '' || value === 'none' || value === 'null' ? null : Number(value)
}
