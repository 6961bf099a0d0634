import AjvCompiler from '@fastify/ajv-compiler'
import SerializerSelector from '@fastify/fast-json-stringify-compiler'
import type { FastifyServerOptions } from 'fastify'

type Controller = NonNullable<FastifyServerOptions['schemaController']>
type Route = { httpPart?: string; schema?: unknown }
type Validate = ReturnType<ReturnType<ReturnType<typeof AjvCompiler>>>
type Factories = NonNullable<Controller['compilersFactory']>
type BuildValidator = NonNullable<Factories['buildValidator']>
type BuildSerializer = NonNullable<Factories['buildSerializer']>
type Serialize = ReturnType<ReturnType<BuildSerializer>>

/**
 * Validates bodies as they are, and everything that comes as text (query, params, headers) after coercion.
 * Nothing is removed and nothing that is not declared passes. Schemas of the same text are compiled once, also for
 * several apps that are given the same controller: most answers of most routes are the same problem details.
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
  return { compilersFactory: { buildValidator, buildSerializer: serializers() } }
}

function serializers(): BuildSerializer {
  const compiler = SerializerSelector()
  const known = new Map<string, Serialize>()
  return (external, options) => {
    const compile = compiler(external, options)
    const place = JSON.stringify([external, options])
    return (route) => {
      const key = `${place} ${JSON.stringify(route.schema)}`
      const serialize = known.get(key) ?? compile(route)
      known.set(key, serialize)
      return serialize
    }
  }
}
