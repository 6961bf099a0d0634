import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type NewTicket, parseTicketId, type TicketChanges } from '@servicedesk/core'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { checkForm, receiveForm } from '../files/receive-form.ts'
import { limited } from '../plugins/rate-limit.ts'
import { etagOf, ifMatchVersions, isNotModified } from '../shared/etag.ts'
import { answerOnce } from '../shared/idempotency.ts'
import { splitCommas } from '../shared/query.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, TicketParam, toId } from '../shared/schemas.ts'
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
    async (request) => {
      const { status, priority, category, assigned_to, created_by, team, sla, ...rest } = request.query
      const lists = { status, priority, category, assigned_to, created_by, team, sla }
      const split = Object.fromEntries(
        Object.entries(lists).map(([name, values]) => [name, splitCommas(values)]),
      )
      return core.tickets.list(request.actor, { ...rest, ...split })
    },
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
        params: TicketParam,
        querystring: EventQuery,
        response: answers({ 200: Events }),
      },
    },
    async (request) =>
      core.messages.events(request.actor, parseTicketId(request.params.id, 'id'), request.query.after_seq),
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

/** The members that change something; ids come as integers or decimal strings. */
function changesOf(body: object): TicketChanges {
  const { title, description, status, priority, category, team, assigned_to } = body as TicketChanges & {
    assigned_to?: number | string | null
  }
  const assignee = assigned_to === undefined || assigned_to === null ? assigned_to : toId(assigned_to)
  const changes = { title, description, status, priority, category, team, assigned_to: assignee }
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
}
