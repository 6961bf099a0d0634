import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, IdParam } from '../shared/schemas.ts'
import { Calendar, CalendarPatch, NewCalendar, Preview, PreviewBody } from './calendars.schemas.ts'
import { entityRoutes, tags } from './entity-routes.ts'
import { holidayRoutes } from './holidays.routes.ts'

export const calendarRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  entityRoutes(app, deps, {
    path: '/calendars',
    one: 'Calendar',
    many: 'Calendars',
    schemas: { view: Calendar, create: NewCalendar, update: CalendarPatch },
    service: deps.core.config.calendars,
  })
  await app.register(holidayRoutes, deps)

  app.post(
    '/calendars/:id/preview',
    {
      schema: {
        tags,
        operationId: 'previewCalendar',
        summary: 'What a calendar makes of a time: seconds after an instant, or between two',
        params: IdParam,
        body: PreviewBody,
        response: answers({ 200: Preview }),
      },
    },
    async (request) => deps.core.config.calendars.preview(request.params.id, request.body),
  )
}
