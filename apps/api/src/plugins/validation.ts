import AjvCompiler from '@fastify/ajv-compiler'
import type { FastifyServerOptions } from 'fastify'

type Controller = NonNullable<FastifyServerOptions['schemaController']>
type Route = { httpPart?: string; schema?: unknown }
type Validate = ReturnType<ReturnType<ReturnType<typeof AjvCompiler>>>
type BuildValidator = NonNullable<NonNullable<Controller['compilersFactory']>['buildValidator']>

/**
 * Validates bodies as they are, and everything that comes as text (query, params, headers) after coercion.
 * Nothing is removed and nothing that is not declared passes. Schemas of the same text are compiled once, also for
 * several apps that are given the same controller.
 */
export function schemaController(): Controller {
  const shared = { removeAdditional: false, useDefaults: true, allErrors: false } as const
  const ajv = AjvCompiler()
  const known = new Map<string, Validate>()
  // Fastify's type of this factory covers JTD as well, which is not used here.
  const buildValidator = ((external: Parameters<typeof ajv>[0]) => {
    const forBody = ajv(external, { customOptions: { ...shared, coerceTypes: false } })
    const forText = ajv(external, { customOptions: { ...shared, coerceTypes: 'array' } })
    const place = JSON.stringify(external)
    return (route: Route) => {
      const isBody = route.httpPart === 'body'
      const key = `${isBody} ${place} ${JSON.stringify(route.schema)}`
      const validate = known.get(key) ?? (isBody ? forBody : forText)(route as never)
      known.set(key, validate)
      return validate
    }
  }) as unknown as BuildValidator
  return { compilersFactory: { buildValidator } }
}
