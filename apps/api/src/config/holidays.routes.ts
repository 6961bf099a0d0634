import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { DomainError, type HolidaysInput, holidaysAsked, invalid } from '@servicedesk/core'
import type { FastifyRequest } from 'fastify'
import { answerOnce } from '../shared/idempotency.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, IdParam } from '../shared/schemas.ts'
import {
  Calendar,
  CalendarWithHolidays,
  HolidayParams,
  HolidaysBody,
  IcalBody,
  IcalForm,
} from './calendars.schemas.ts'
import { tags } from './entity-routes.ts'

const MOST_BYTES = 1024 ** 2
const ICAL = 'text/calendar'
const config = { access: 'admin' } as const

/** Days off of a calendar. Only these routes take iCalendar files. */
export const holidayRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  const { calendars } = deps.core.config
  app.addContentTypeParser(ICAL, { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_request, body, done) =>
    done(null, body),
  )

  app.post(
    '/calendars/:id/holidays',
    {
      config: { ...config, multipart: IcalForm },
      schema: {
        tags,
        operationId: 'addHolidays',
        summary: 'Add days off: one, several, or the whole-day events of an iCalendar file',
        params: IdParam,
        body: { content: { 'application/json': { schema: HolidaysBody }, [ICAL]: { schema: IcalBody } } },
        response: answers({ 200: CalendarWithHolidays }),
      },
    },
    async (request, reply) => {
      const file = await fileOf(request)
      const asked =
        file === undefined
          ? { holidays: holidaysAsked(request.body as HolidaysInput) }
          : calendars.readFile(file)
      const answer = await answerOnce(deps, request, reply, asked, async (outer) => ({
        status: 200,
        body: await calendars.addHolidays(request.actor, request.params.id, asked, outer),
      }))
      deps.core.config.forget()
      return reply.send(answer)
    },
  )

  app.delete(
    '/calendars/:id/holidays/:date',
    {
      config,
      schema: {
        tags,
        operationId: 'deleteHoliday',
        summary: 'Take a day off away',
        params: HolidayParams,
        response: answers({ 200: Calendar }),
      },
    },
    async (request) => calendars.removeHoliday(request.actor, request.params.id, request.params.date),
  )
}

/**
 * The file that a request brings as its body or as the one part of a form; undefined for JSON.
 * @throws DomainError 400, 413
 */
async function fileOf(request: FastifyRequest): Promise<Uint8Array | undefined> {
  if (Buffer.isBuffer(request.body)) return request.body
  if (!request.isMultipart()) return undefined
  let bytes: Buffer | undefined
  for await (const part of request.parts({ limits: { fileSize: MOST_BYTES } })) {
    if (part.type === 'field') throw invalid(part.fieldname, 'is not a known member')
    if (bytes !== undefined) throw invalid('file', 'must be one file')
    bytes = await part.toBuffer()
    if (part.file.truncated) {
      throw new DomainError('too_large', 'file_too_large', 'A calendar file may have at most 1 MB')
    }
  }
  if (bytes === undefined) throw invalid('file', 'is required')
  return bytes
}
