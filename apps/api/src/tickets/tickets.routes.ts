import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type NewTicket, parseTicketId } from '@servicedesk/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { checkForm, receiveForm } from '../files/receive-form.ts'
import { limited } from '../plugins/rate-limit.ts'
import { etagOf, ifMatchVersions, isNotModified } from '../shared/etag.ts'
import { answerOnce } from '../shared/idempotency.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, TicketParam, toId } from '../shared/schemas.ts'
import { changesOf } from './changes-of.ts'
import { splitFilters } from './split-filters.ts'
import {
  Activities,
  EventQuery,
  Events,
  NewTicketBody,
  NewTicketForm,
  Stats,
  TicketDetail,
  TicketList,
  TicketPatch,
  TicketQuery,
} from './tickets.schemas.ts'

const tags = ['Tickets']

/** Tickets: report, find, read, change. */
export const ticketRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  const { core } = deps

  app.get(
    '/',
    {
      schema: {
        tags,
        operationId: 'listTickets',
        summary: 'List tickets',
        querystring: TicketQuery,
        response: answers({ 200: TicketList }),
      },
    },
    async (request) => core.tickets.list(request.actor, splitFilters(request.query)),
  )

  app.post(
    '/',
    {
      config: { ...limited('create'), multipart: NewTicketForm },
      schema: {
        tags,
        operationId: 'createTicket',
        summary: 'Report a problem, as JSON or as a form with files',
        body: { content: { 'application/json': { schema: NewTicketBody } } },
        response: answers({ 201: TicketDetail }),
      },
    },
    async (request, reply) => {
      if (!request.isMultipart())
        return createTicket(deps, request, reply, request.body as NewTicketInput, [])
      return receiveForm(deps, request, reply, async ({ fields, files }) => {
        const input = checkForm(NewTicketBody, fields)
        return createTicket(deps, request, reply, input, files)
      })
    },
  )

  for (const [url, operationId] of [
    ['/stats', 'getTicketStats'],
    ['/stats/summary', 'getTicketStatsSummary'],
  ] as const) {
    app.get(
      url,
      {
        schema: {
          tags,
          operationId,
          summary: 'How many tickets there are and how they stand; for requesters, of their own',
          response: answers({ 200: Stats }),
        },
      },
      async (request) => core.tickets.stats(request.actor),
    )
  }

  app.get(
    '/:id',
    {
      schema: {
        tags,
        operationId: 'getTicket',
        summary: 'One ticket',
        params: TicketParam,
        response: { ...answers({ 200: TicketDetail }), 304: Type.Null({ description: 'Not modified' }) },
      },
    },
    async (request, reply) => {
      const ticket = await core.tickets.get(request.actor, parseTicketId(request.params.id, 'id'))
      reply.header('ETag', etagOf(ticket.version)).header('Cache-Control', 'private, no-cache')
      if (isNotModified(request.headers['if-none-match'], ticket.version)) return reply.code(304).send(null)
      return ticket
    },
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/:id',
      schema: {
        tags,
        operationId: method === 'PUT' ? 'updateTicket' : 'patchTicket',
        summary: 'Change a ticket; members that are not sent stay',
        params: TicketParam,
        body: TicketPatch,
        response: answers({ 200: TicketDetail }),
      },
      handler: async (request, reply) => {
        const id = parseTicketId(request.params.id, 'id')
        const versions = ifMatchVersions(request.headers['if-match'])
        const ticket = await core.tickets.update(request.actor, id, changesOf(request.body), versions)
        reply.header('ETag', etagOf(ticket.version))
        return ticket
      },
    })
  }

  app.get(
    '/:id/activities',
    {
      schema: {
        tags,
        operationId: 'listActivities',
        summary: 'What happened to a ticket',
        params: TicketParam,
        response: answers({ 200: Activities }),
      },
    },
    async (request) => core.messages.activities(request.actor, parseTicketId(request.params.id, 'id')),
  )

  app.get(
    '/:id/events',
    {
      schema: {
        tags,
        operationId: 'listEvents',
        summary: 'The ordered log behind a ticket',
        description:
          'Numbered without gaps. To read on, ask again behind the last `seq`; fewer than `limit` are the last ones.',
        params: TicketParam,
        querystring: EventQuery,
        response: answers({ 200: Events }),
      },
    },
    async (request) =>
      core.messages.events(request.actor, parseTicketId(request.params.id, 'id'), {
        afterSeq: request.query.after_seq,
        limit: request.query.limit,
      }),
  )
}

type NewTicketInput = Omit<NewTicket, 'created_by'> & { created_by?: number | string | undefined }

async function createTicket(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  input: NewTicketInput,
  files: Parameters<RouteDeps['core']['tickets']['create']>[2],
) {
  const { created_by, ...rest } = input
  const wanted = created_by === undefined ? rest : { ...rest, created_by: toId(created_by) }
  const asked = [wanted, files?.map((file) => [file.filename, file.sha256])]
  return answerOnce(deps, request, reply, asked, async (outer) => {
    const ticket = await deps.core.tickets.create(request.actor, wanted, files, outer)
    const headers = { location: `/api/v1/tickets/${ticket.id}`, etag: etagOf(ticket.version) }
    return { status: 201, headers, body: ticket }
  })
}
