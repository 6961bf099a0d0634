import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { RouteDeps } from '../shared/route-deps.ts'
import { rateLimitStore } from './rate-limit-store.ts'

/** Requests a minute: per address where nobody is signed in, else per user. */
const PER_MINUTE = { auth: 20, create: 120, upload: 60, export: 10 } as const
/** Embedded mode is for trying things, replays of thousands of tickets included. */
const EMBEDDED_FACTOR = 1_000

/** The `config` of a limited route. */
export function limited(kind: keyof typeof PER_MINUTE) {
  return {
    rateLimit: {
      max: (request: FastifyRequest) => PER_MINUTE[kind] * (request.server.isEmbedded ? EMBEDDED_FACTOR : 1),
      groupId: kind,
    },
  }
}

declare module 'fastify' {
  interface FastifyInstance {
    isEmbedded: boolean
  }
}

/** Refuses who asks too often, with `RateLimit` headers on what is limited. */
export const rateLimitPlugin = fp(async (app: FastifyInstance, deps: RouteDeps) => {
  app.decorate('isEmbedded', deps.config.isEmbedded)
  await app.register(fastifyRateLimit, {
    global: false,
    // After the auth hook, which knows the user.
    hook: 'preValidation',
    timeWindow: 60_000,
    store: rateLimitStore(deps.redis, `${deps.config.redisPrefix}:rate:`),
    enableDraftSpec: true,
    keyGenerator: (request) => (request.actor === undefined ? request.ip : `user-${request.actor.id}`),
  })
})
