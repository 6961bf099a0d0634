import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type Problem, sendProblem } from './errors.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Milliseconds that an answer may take to begin, where that is more than usual. */
    answerMs?: number
  }
}

export interface Deadlines {
  /** A frozen database leaves queries without an answer for ever; nobody waits longer than this for one. */
  answerMs: number
  /** How long a form's files may be stuck on our side. */
  stuckMs: number
  /** Forms arrive at the pace of the client's line, of which something is asked in each span of time. */
  pace: { windowMs: number; bytes: number }
}

/** The pace is a quarter of what the poorest lines do (64 kbit/s), and far from what holds a connection for nothing. */
const DEADLINES: Deadlines = {
  answerMs: 15_000,
  stuckMs: 120_000,
  pace: { windowMs: 30_000, bytes: 64 * 1024 },
}

const NO_ANSWER: Problem = {
  status: 503,
  code: 'database_unavailable',
  detail: 'The database cannot answer right now; try again',
  headers: { 'Retry-After': '2' },
}
/** Of a form the store may be slow as well as the database, and what is under way is not undone. */
const FORM_STUCK: Problem = {
  status: 503,
  code: 'unavailable',
  detail: 'The files could not be taken in time; try again',
  headers: { 'Retry-After': '2' },
}
const TOO_SLOW: Problem = {
  status: 408,
  code: 'request_timeout',
  detail: 'The request took too long to arrive',
  headers: { Connection: 'close' },
}

/**
 * Gives every request a time by which it is answered, if only with 503, and every body one by which it arrives, or 408:
 * a form must keep up its pace, the others are short. What the handler still does is not undone, as with any answer that
 * gets lost; what it still reads breaks off. Not Fastify's `handlerTimeout`, which ends with the arrival of the body.
 */
export const deadlinesPlugin = fp(async (app: FastifyInstance, given: Partial<Deadlines>) => {
  const { answerMs, stuckMs, pace } = { ...DEADLINES, ...given }
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>()

  function giveUp(request: FastifyRequest, reply: FastifyReply, problem: Problem): void {
    // An answer that has begun, such as a large file, may take its time.
    if (reply.sent || reply.raw.headersSent) return
    if (problem.status === 503) request.log.error('no answer in time')
    else reply.raw.once('finish', () => request.raw.destroy())
    sendProblem(request, reply, problem)
  }

  function giveUpAfter(ms: number, request: FastifyRequest, reply: FastifyReply, isForm = false): void {
    clearTimeout(timers.get(request))
    const timer = setTimeout(() => {
      const isArriving = !isForm && request.raw.complete === false
      giveUp(request, reply, isArriving ? TOO_SLOW : isForm ? FORM_STUCK : NO_ANSWER)
    }, ms)
    timers.set(request, timer.unref())
  }

  function watchPace(request: FastifyRequest, reply: FastifyReply): void {
    const { raw } = request
    let seen = raw.socket.bytesRead
    const timer = setInterval(() => {
      const arrived = raw.socket.bytesRead - seen
      seen += arrived
      // While something waits to be read it is we who are slow.
      if (arrived < pace.bytes && raw.readableLength === 0) giveUp(request, reply, TOO_SLOW)
      else if (arrived > 0) giveUpAfter(stuckMs, request, reply, true)
    }, pace.windowMs).unref()
    raw.once('end', () => {
      clearInterval(timer)
      // What has arrived may still have to go to a store far away.
      giveUpAfter(stuckMs, request, reply, true)
    })
    reply.raw.once('close', () => clearInterval(timer))
    giveUpAfter(stuckMs, request, reply, true)
  }

  app.addHook('onRequest', async (request, reply) => {
    giveUpAfter(request.routeOptions.config.answerMs ?? answerMs, request, reply)
    reply.raw.once('close', () => clearTimeout(timers.get(request)))
  })
  // By now it is known who asks, and the body is read: where a form may come, JSON may come too.
  app.addHook('preParsing', async (request, reply) => {
    const { multipart } = request.routeOptions.config as { multipart?: unknown }
    const isForm = /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')
    if (multipart !== undefined && isForm) watchPace(request, reply)
  })
})
