import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { limited } from '../plugins/rate-limit.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { splitFilters } from '../tickets/split-filters.ts'
import { csvAnswers, ExportQuery } from './exports.schemas.ts'
import { CSV_HEADERS, sendCsv } from './send-csv.ts'

const tags = ['Exports']
/** A million tickets are sorted before the first comes, which takes seconds, and more on a busy server. */
const ANSWER_MS = 60_000

/** Tickets as files. */
export const exportRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, { core }) => {
  for (const [url, operationId] of [
    ['/export/tickets.csv', 'exportTickets'],
    ['/export/tickets/excel', 'exportTicketsForExcel'],
  ] as const) {
    app.get(
      url,
      {
        config: { ...limited('export'), access: 'supervisor', answerMs: ANSWER_MS },
        schema: {
          tags,
          operationId,
          summary: 'Tickets as CSV, with the filters of their list; newest first',
          querystring: ExportQuery,
          response: csvAnswers,
        },
      },
      async (request, reply) => {
        const filters = splitFilters(request.query)
        if (request.method !== 'HEAD')
          return sendCsv(reply, await core.exports.stream(request.actor, filters))
        // No ticket is read for who only wants to know what would come.
        await core.exports.check(request.actor, filters)
        // Of a stream nobody knows the length, and so none is told.
        return reply.headers(CSV_HEADERS).send(Readable.from([]))
      },
    )
  }
}
