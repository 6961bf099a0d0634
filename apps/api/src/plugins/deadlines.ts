import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

/** A frozen database leaves queries without an answer for ever; nobody waits longer than this for one. */
const ANSWER_MS = 15_000
/** Forms arrive, and files leave, at the pace of the client's line. */
const FORM_MS = 120_000
const FILE_MS = 60 * 60_000

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer is a file, of any size. */
    sendsFile?: boolean
  }
}

/** Gives every route a time by which it has answered, or answers 503. */
export const deadlinesPlugin = fp(async (app: FastifyInstance) => {
  app.addHook('onRoute', (route) => {
    const { sendsFile, multipart } = (route.config ?? {}) as { sendsFile?: boolean; multipart?: unknown }
    route.handlerTimeout ??= sendsFile ? FILE_MS : multipart === undefined ? ANSWER_MS : FORM_MS
  })
})
