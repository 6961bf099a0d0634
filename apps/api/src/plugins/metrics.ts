import { timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { DomainError, isAdmin } from '@servicedesk/core'
import { createStoreGauges } from '@servicedesk/telemetry'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { RouteDeps } from '../shared/route-deps.ts'

/** Prometheus figures at /metrics, for the scraper's token or an admin's. */
export const metricsPlugin = fp(async (app: FastifyInstance, deps: RouteDeps) => {
  const registry = deps.registry ?? new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'servicedesk_api_' })
  const durations = new Histogram({
    name: 'servicedesk_http_request_duration_seconds',
    help: 'Duration of HTTP requests by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  new Gauge({
    name: 'servicedesk_http_sockets',
    help: 'Open connections of clients',
    registers: [registry],
    async collect() {
      this.set(await promisify(app.server.getConnections).call(app.server))
    },
  })
  const gauges = createStoreGauges(registry, deps, ticketsWaiting(registry, deps))

  app.addHook('onResponse', async (request, reply) => {
    // The pattern, not the path: a label per ticket would grow without end.
    const route = request.routeOptions.url ?? 'none'
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000)
  })

  app.get('/metrics', { config: { access: 'public' }, schema: { hide: true } }, async (request, reply) => {
    await authorize(app, deps, request)
    await gauges.refresh()
    return reply.type(registry.contentType).send(await registry.metrics())
  })
})

async function authorize(app: FastifyInstance, deps: RouteDeps, request: FastifyRequest): Promise<void> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) {
    throw new DomainError(
      'unauthenticated',
      'unauthenticated',
      'Send the metrics token or an admin token as Bearer',
    )
  }
  const { metricsToken } = deps.config
  if (metricsToken !== undefined && sameText(token, metricsToken)) return
  const actor = await app.actorOf(token)
  if (!isAdmin(actor.role)) throw new DomainError('forbidden', 'forbidden', 'This needs the role of an admin')
}

function sameText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}

/** Active tickets that nobody has; the only one of the figures that the worker does not show as well. */
function ticketsWaiting(registry: Registry, deps: RouteDeps) {
  const help = 'Active tickets without an agent'
  const gauge = new Gauge({ name: 'servicedesk_tickets_waiting', help, registers: [registry] })
  return { gauge, read: () => deps.core.pipeline.ticketsWaiting() }
}
