import fastifyMultipart from '@fastify/multipart'
import { DomainError } from '@servicedesk/core'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

const MB = 1024 ** 2
/** The largest file of any category; the category's own limit is checked while receiving. */
const MAX_FILE_BYTES = 25 * MB
export const MAX_FILES = 10

/** JSON and forms only. An empty body with a JSON type is no body. */
export const bodyParsingPlugin = fp(async (app: FastifyInstance) => {
  app.removeContentTypeParser('text/plain')
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body.length === 0) return done(null, undefined)
    return parseJson(request, body, done)
  })
  await app.register(fastifyMultipart, {
    limits: {
      files: MAX_FILES,
      fileSize: MAX_FILE_BYTES + 1,
      fields: 20,
      fieldSize: 100_000,
      parts: MAX_FILES + 20,
    },
    // The receiver refuses what is too large itself, with the category's limit in its words.
    throwFileSizeLimit: false,
  })
  // A route that takes `content` per type validates nothing when there is no body at all.
  app.addHook('preValidation', async (request) => {
    const body = request.routeOptions.schema?.body as { content?: object; type?: string } | undefined
    if (body?.content === undefined || request.isMultipart() || request.body !== undefined) return
    throw new DomainError('invalid', 'validation_failed', 'A body is required')
  })
})
