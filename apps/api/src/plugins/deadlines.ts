import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { sendProblem } from './errors.ts'

/** A frozen database leaves queries without an answer for ever; nobody waits longer than this for one. */
const ANSWER_MS = 15_000
/** Forms arrive at the pace of the client's line. */
const FORM_MS = 120_000

/**
 * Gives every request a time by which it is answered, if only with 503. What its handler still does is not undone, as
 * with any answer that gets lost. Not Fastify's `handlerTimeout`, which ends with the arrival of the request's body.
 */
export const deadlinesPlugin = fp(async (app: FastifyInstance) => {
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>()

  function giveUpAfter(ms: number, request: FastifyRequest, reply: FastifyReply): void {
    clearTimeout(timers.get(request))
    const giveUp = () => {
      // An answer that has begun, such as a large file, may take its time.
      if (reply.sent || reply.raw.headersSent) return
      request.log.error('no answer in time')
      sendProblem(request, reply, {
        status: 503,
        code: 'database_unavailable',
        detail: 'The database cannot answer right now; try again',
        headers: { 'Retry-After': '2' },
      })
    }
    timers.set(request, setTimeout(giveUp, ms).unref())
  }

  app.addHook('onRequest', async (request, reply) => {
    giveUpAfter(ANSWER_MS, request, reply)
    reply.raw.once('close', () => clearTimeout(timers.get(request)))
  })
  // By now it is known who asks, and the body is read: where a form may come, JSON may come too.
  app.addHook('preParsing', async (request, reply) => {
    const { multipart } = request.routeOptions.config as { multipart?: unknown }
    const isForm = /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')
    if (multipart !== undefined && isForm) giveUpAfter(FORM_MS, request, reply)
  })
})
