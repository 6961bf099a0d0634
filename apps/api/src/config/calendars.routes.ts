import type { FastifyPluginAsync } from 'fastify'
import type { RouteDeps } from '../shared/route-deps.ts'
import { Calendar, CalendarPatch, NewCalendar } from './calendars.schemas.ts'
import { entityRoutes } from './entity-routes.ts'

export const calendarRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  entityRoutes(app, deps, {
    path: '/calendars',
    one: 'Calendar',
    many: 'Calendars',
    schemas: { view: Calendar, create: NewCalendar, update: CalendarPatch },
    service: deps.core.config.calendars,
  })
}
