import fastifySwagger from '@fastify/swagger'
import fastifySwaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { TSchema } from 'typebox'
import type { RouteDeps } from '../shared/route-deps.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The form that a route takes beside or instead of JSON: for the document only, the route checks it itself. */
    multipart?: TSchema
  }
}

const TAGS = [
  { name: 'Authentication', description: 'Accounts, tokens and sessions' },
  { name: 'Users', description: 'People and agents' },
  { name: 'Tickets', description: 'Reports of problems and their way' },
  { name: 'Assignment', description: 'Who works on which ticket, and why' },
  { name: 'Messages', description: 'What is said on tickets' },
  { name: 'Files', description: 'What is attached to tickets' },
  { name: 'Exports', description: 'Tickets as files' },
  { name: 'Alerts', description: 'What people are told' },
  { name: 'Analytics', description: 'Figures of the desk, exact at the moment of reading' },
  { name: 'Configuration', description: 'How the desk works' },
  { name: 'Operations', description: 'Probes, figures and work behind the scenes' },
]

/** TypeBox calls a member with a default required, for it is there after parsing; a client may leave it out. */
function withDefaultsOptional(schema: unknown): unknown {
  const { required = [], properties = {} } = schema as {
    required?: string[]
    properties?: Record<string, { default?: unknown }>
  }
  const needed = required.filter((name) => properties[name]?.default === undefined)
  return { ...(schema as object), required: needed }
}

/** The OpenAPI document at /api/openapi.json and Swagger UI at /docs. */
export const openapiPlugin = fp(async (app: FastifyInstance, deps: RouteDeps) => {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'ServiceDesk API',
        version: '1.0.0',
        description: 'IT service desk: tickets, assignment, promised times, files and figures.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [
        { url: `${deps.config.publicUrl}/api/v1`, description: 'Canonical' },
        { url: `${deps.config.publicUrl}/api`, description: 'The same routes for older clients' },
      ],
      tags: TAGS,
      components: {
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
      security: [{ bearer: [] }],
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`),
    },
    transform: ({ schema, url, route }) => {
      const isApi = url.startsWith('/api/v1/')
      const { multipart, access } = (route.config ?? {}) as { multipart?: TSchema; access?: string }
      const form = multipart && { 'multipart/form-data': { schema: multipart } }
      const body = schema?.body as { content?: Record<string, unknown> } | undefined
      return {
        schema: {
          ...schema,
          ...(schema?.querystring === undefined
            ? {}
            : { querystring: withDefaultsOptional(schema.querystring) }),
          ...(form === undefined ? {} : { body: { content: { ...body?.content, ...form } } }),
          ...(access === 'public' ? { security: [] } : {}),
          // Pages and probes sit at the root, which the two servers do not show.
          ...(isApi ? {} : { hide: true }),
        },
        url: isApi ? url.slice('/api/v1'.length) : url,
      }
    },
  })
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: 'public' }
    })
    await scope.register(fastifySwaggerUi, {
      routePrefix: '/docs',
      staticCSP: true,
      transformStaticCSP: (header) => header.replace('style-src', "style-src 'unsafe-inline'"),
      uiConfig: { persistAuthorization: true, displayRequestDuration: true },
    })
  })
  app.get('/api/openapi.json', { config: { access: 'public' }, schema: { hide: true } }, async () =>
    app.swagger(),
  )
})
