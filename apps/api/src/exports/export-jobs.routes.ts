import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import { sendExport } from '../files/send-file.ts'
import { limited } from '../plugins/rate-limit.ts'
import { answerOnce } from '../shared/idempotency.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, pageQuery, strict, UuidParam } from '../shared/schemas.ts'
import { splitFilters } from '../tickets/split-filters.ts'
import { downloadAnswers, Export, ExportList, NewExport } from './exports.schemas.ts'

const tags = ['Exports']
const access = 'supervisor' as const

/** Exports that a worker makes: ask, look, fetch. The rights are those of the moment, each time. */
export const exportJobRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  const { core } = deps

  app.post(
    '/',
    {
      config: { ...limited('export'), access },
      // No body asks for everything.
      preValidation: async (request) => {
        request.body ??= {}
      },
      schema: {
        tags,
        operationId: 'createExport',
        summary: 'Have a file of tickets made; `export_progress` tells how far it is',
        body: NewExport,
        response: answers({ 202: Export }),
      },
    },
    async (request, reply) => {
      const body = await answerOnce(deps, request, reply, request.body, async (outer) => {
        const made = await core.exports.create(request.actor, filtersOf(request.body.filters ?? {}), outer)
        return { status: 202, headers: { location: `/api/v1/exports/${made.id}` }, body: made }
      })
      return reply.code(202).send(body)
    },
  )

  app.get(
    '/',
    {
      config: { access },
      schema: {
        tags,
        operationId: 'listExports',
        summary: 'One’s own exports, newest first',
        querystring: Type.Object(pageQuery, strict),
        response: answers({ 200: ExportList }),
      },
    },
    async (request) => {
      const { per_page, ...query } = request.query
      return core.exports.list(request.actor, { ...query, perPage: per_page })
    },
  )

  app.get(
    '/:id',
    {
      config: { access },
      schema: {
        tags,
        operationId: 'getExport',
        summary: 'How far an export is',
        params: UuidParam,
        response: answers({ 200: Export }),
      },
    },
    async (request) => core.exports.get(request.actor, request.params.id),
  )

  app.get(
    '/:id/download',
    {
      config: { access },
      schema: {
        tags,
        operationId: 'downloadExport',
        summary: 'The file of an export, for a day',
        params: UuidParam,
        response: downloadAnswers,
      },
    },
    async (request, reply) => {
      const { id } = request.params
      return sendExport(deps, request, reply, { id, ...(await core.exports.openable(request.actor, id)) })
    },
  )
}

/** Lists as the query has them: texts, split at commas. */
function filtersOf(filters: NonNullable<Static<typeof NewExport>['filters']>) {
  const texts = (value: string | number | (string | number)[] | undefined) =>
    value === undefined ? undefined : [value].flat().map(String)
  const { created_after, created_before, q, ...lists } = filters
  const { status, priority, category, assigned_to, created_by, team, sla } = lists
  return splitFilters({
    status: texts(status),
    priority: texts(priority),
    category: texts(category),
    assigned_to: texts(assigned_to),
    created_by: texts(created_by),
    team: texts(team),
    sla: texts(sla),
    ...(created_after === undefined ? {} : { created_after }),
    ...(created_before === undefined ? {} : { created_before }),
    ...(q === undefined ? {} : { q }),
  })
}
