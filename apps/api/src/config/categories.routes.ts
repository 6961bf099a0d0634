import type { FastifyPluginAsync } from 'fastify'
import type { RouteDeps } from '../shared/route-deps.ts'
import { Category, CategoryPatch, NewCategory } from './categories.schemas.ts'
import { entityRoutes } from './entity-routes.ts'

export const categoryRoutes: FastifyPluginAsync<RouteDeps> = async (app, deps) => {
  entityRoutes(app, deps, {
    path: '/categories',
    one: 'Category',
    many: 'Categories',
    schemas: { view: Category, create: NewCategory, update: CategoryPatch },
    service: deps.core.config.categories,
  })
}
