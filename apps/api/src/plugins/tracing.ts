import { type Context, context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { RouteDeps } from '../shared/route-deps.ts'

/**
 * A span for every request, in the caller's trace if it sends a `traceparent`. Of the address only the route's pattern
 * is told: paths and queries hold ids, signed links and words.
 */
export const tracingPlugin = fp(async (app: FastifyInstance, deps: RouteDeps) => {
  if (deps.config.tracing === undefined) return
  const tracer = trace.getTracer('servicedesk')
  const contexts = new WeakMap<object, Context>()

  app.addHook('onRequest', (request, _reply, done) => {
    const route = request.routeOptions.url
    const name = route === undefined ? request.method : `${request.method} ${route}`
    const attributes = { 'http.request.method': request.method, ...(route && { 'http.route': route }) }
    const caller = propagation.extract(context.active(), request.headers)
    const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, caller)
    const here = trace.setSpan(caller, span)
    contexts.set(request, here)
    context.with(here, done)
  })
  // Once more: the body's last byte comes in the context of the connection.
  app.addHook('preValidation', (request, _reply, done) => {
    context.with(contexts.get(request) ?? context.active(), done)
  })
  const take = (request: object) => {
    const here = contexts.get(request)
    contexts.delete(request)
    return here && trace.getSpan(here)
  }
  app.addHook('onResponse', async (request, reply) => {
    const span = take(request)
    span?.setAttribute('http.response.status_code', reply.statusCode)
    if (reply.statusCode >= 500) span?.setStatus({ code: SpanStatusCode.ERROR })
    span?.end()
  })
  // No response will come.
  app.addHook('onRequestAbort', async (request) => take(request)?.setAttribute('error.type', 'aborted').end())
})
