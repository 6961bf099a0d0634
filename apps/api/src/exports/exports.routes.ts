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
        // Nothing is read for who only wants to know what would come.
        if (request.method === 'HEAD') return reply.headers(CSV_HEADERS).send('')
        return sendCsv(reply, await core.exports.stream(request.actor, splitFilters(request.query)))
      },
    )
  }
}
