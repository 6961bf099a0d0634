import fastifyCors from '@fastify/cors'
import fastifyHelmet from '@fastify/helmet'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { isKnownOrigin } from '../shared/origins.ts'
import type { RouteDeps } from '../shared/route-deps.ts'

/** CORS for exact origins, safe headers on every answer. */
export const securityPlugin = fp(async (app: FastifyInstance, { config }: RouteDeps) => {
  await app.register(fastifyHelmet, {
    // Pages set their own; answers of the API are no documents.
    contentSecurityPolicy: false,
    crossOriginResourcePolicy: { policy: 'same-origin' },
    strictTransportSecurity: config.publicUrl.startsWith('https:'),
  })
  await app.register(fastifyCors, {
    origin: (origin, allow) => allow(null, isKnownOrigin(config, origin)),
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'X-CSRF-Token',
      'X-Requested-With',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'X-Request-Id',
    ],
    exposedHeaders: [
      'ETag',
      'Location',
      'Retry-After',
      'X-Request-Id',
      'Content-Disposition',
      'RateLimit',
      'RateLimit-Limit',
      'RateLimit-Remaining',
      'RateLimit-Reset',
    ],
    maxAge: 600,
  })
})
