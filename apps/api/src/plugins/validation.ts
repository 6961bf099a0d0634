import AjvCompiler from '@fastify/ajv-compiler'
import type { FastifyServerOptions } from 'fastify'

type Controller = NonNullable<FastifyServerOptions['schemaController']>
type Route = { httpPart?: string }
type BuildValidator = NonNullable<NonNullable<Controller['compilersFactory']>['buildValidator']>

/**
 * Validates bodies as they are, and everything that comes as text (query, params, headers) after coercion.
 * Nothing is removed and nothing that is not declared passes.
 */
export function schemaController(): Controller {
  const shared = { removeAdditional: false, useDefaults: true, allErrors: false } as const
  const ajv = AjvCompiler()
  // Fastify's type of this factory covers JTD as well, which is not used here.
  const buildValidator = ((external: Parameters<typeof ajv>[0]) => {
    const forBody = ajv(external, { customOptions: { ...shared, coerceTypes: false } })
    const forText = ajv(external, { customOptions: { ...shared, coerceTypes: 'array' } })
    return (route: Route) => (route.httpPart === 'body' ? forBody : forText)(route as never)
  }) as unknown as BuildValidator
  return { compilersFactory: { buildValidator } }
}
