import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { invalid, notFound, parseTicketId } from '@servicedesk/core'
import { verifyFileLink } from '@servicedesk/files'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { limited } from '../plugins/rate-limit.ts'
import { answerOnce } from '../shared/idempotency.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, Message, TicketParam, toId, UuidParam } from '../shared/schemas.ts'
import {
  contentAnswers,
  LinkParams,
  ThumbnailQuery,
  TicketFiles,
  Uploaded,
  UploadFields,
  UploadForm,
} from './files.schemas.ts'
import { checkForm, receiveForm } from './receive-form.ts'
import { sendFile, sendLinked, sendThumbnail } from './send-file.ts'

const tags = ['Files']

/** Receives a form's files and attaches them to the ticket that it names. */
export async function uploadFiles(deps: RouteDeps, request: FastifyRequest, reply: FastifyReply) {
  return receiveForm(deps, request, reply, async ({ fields, files }) => {
    const input = checkForm(UploadFields, fields)
    if (files.length === 0) throw invalid('file', 'is required')
    const target = {
      ticketId: parseTicketId(input.ticket_id),
      messageId: input.message_id === undefined ? undefined : toId(input.message_id),
    }
    const asked = [target, files.map((file) => [file.filename, file.sha256])]
    return answerOnce(deps, request, reply, asked, async (outer) => ({
      status: 201,
      body: await deps.core.files.attach(request.actor, target, files, outer),
    }))
  })
}

/** Upload, content and thumbnails of files. */
export const fileRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  const { core } = deps

  app.post(
    '/upload',
    {
      config: { ...limited('upload'), multipart: UploadForm },
      schema: {
        tags,
        operationId: 'uploadFiles',
        summary: 'Attach files to a ticket',
        response: answers({ 201: Uploaded }),
      },
    },
    async (request, reply) => {
      const files = await uploadFiles(deps, request, reply)
      const [only] = files
      return reply.send(files.length === 1 && only !== undefined ? only : { files })
    },
  )

  app.get(
    '/ticket/:id',
    {
      schema: {
        tags,
        operationId: 'listTicketFiles',
        summary: 'Files of a ticket',
        params: TicketParam,
        response: answers({ 200: TicketFiles }),
      },
    },
    async (request) => core.files.ofTicket(request.actor, parseTicketId(request.params.id, 'id')),
  )

  app.get(
    '/:id/download',
    {
      schema: {
        tags,
        operationId: 'downloadFile',
        summary: 'The file itself',
        params: UuidParam,
        response: contentAnswers,
      },
    },
    async (request, reply) =>
      sendFile(deps, request, reply, await core.files.openable(request.actor, request.params.id)),
  )

  app.get(
    '/:id/thumbnail',
    {
      schema: {
        tags,
        operationId: 'getThumbnail',
        summary: 'A small upright picture; 202 while it is made',
        params: UuidParam,
        querystring: ThumbnailQuery,
        response: { ...contentAnswers, ...answers({ 202: Message }) },
      },
    },
    async (request, reply) => {
      const row = await core.files.openable(request.actor, request.params.id)
      if (row.thumbnail === 'none' || row.thumbnail === 'failed') throw notFound('Thumbnail')
      if (row.thumbnail === 'pending') {
        return reply.code(202).header('Retry-After', '1').send({ message: 'The thumbnail is being made' })
      }
      const format = request.headers.accept?.includes('image/webp') ? 'webp' : 'jpeg'
      return sendThumbnail(deps, request, reply, row, { size: request.query.size, format })
    },
  )

  app.get(
    '/:id/link/:token/:name',
    {
      config: { access: 'public' },
      schema: {
        tags,
        operationId: 'getLinkedFile',
        summary: 'A file by a signed, expiring link',
        params: LinkParams,
        response: contentAnswers,
      },
    },
    async (request, reply) => {
      const now = new Date()
      const verdict = verifyFileLink(deps.config.secret, request.params, now)
      if (!verdict.ok) throw notFound('File')
      const row = await core.files.openableByLink(request.params.id)
      const expiresIn = Math.max(1, Math.floor((verdict.expiresAt.getTime() - now.getTime()) / 1000))
      return sendLinked(deps, request, reply, row, expiresIn)
    },
  )

  app.delete(
    '/:id',
    {
      schema: {
        tags,
        operationId: 'deleteFile',
        summary: 'Take a file off its ticket',
        params: UuidParam,
        response: answers({ 200: Message }),
      },
    },
    async (request) => {
      await core.files.remove(request.actor, request.params.id)
      return { message: 'File deleted' }
    },
  )
}
