import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type FileRow, fileView, invalid, megabytes } from '@servicedesk/core'
import { decodeTextHead, examineFile, FileRefused, safeFilename, typeForName } from '@servicedesk/files'
import { Type } from 'typebox'
import { MAX_FILES } from '../plugins/body-parsing.ts'
import { limited } from '../plugins/rate-limit.ts'
import type { RouteDeps } from '../shared/route-deps.ts'
import { answers, Timestamp, UuidParam } from '../shared/schemas.ts'

const tags = ['Files']
const PREVIEW_CHARACTERS = 5_000
const PREVIEW_MAX_BYTES = 1024 ** 2
const TEXT_EXTENSIONS = new Set(['txt', 'log', 'csv', 'py', 'js', 'html', 'css', 'json', 'xml', 'sql'])

const Preview = Type.Object({
  id: Type.String(),
  filename: Type.String(),
  file_size_mb: Type.Number(),
  mime_type: Type.String(),
  category: Type.String(),
  uploaded_at: Timestamp,
  can_preview: Type.Boolean(),
  thumbnail_url: Type.Optional(Type.String()),
  text_preview: Type.Optional(Type.String()),
})
const Verdict = Type.Object({
  filename: Type.String(),
  size: Type.Integer(),
  size_mb: Type.Number(),
  category: Type.Union([Type.String(), Type.Null()]),
  valid: Type.Boolean(),
  errors: Type.Array(Type.String()),
})
const Verdicts = Type.Object({
  files: Type.Array(Verdict),
  total_size_mb: Type.Number(),
  valid_files: Type.Integer(),
  total_files: Type.Integer(),
})
/** As `megabytes`, and 0 for nothing: here a file may be empty. */
const sizeOf = (bytes: number) => ({ size: bytes, size_mb: bytes === 0 ? 0 : megabytes(bytes) })

/** The beginning of a text file; undefined for what is no text or too large to be read for it. */
async function textPreview(deps: RouteDeps, row: FileRow): Promise<string | undefined> {
  if (!TEXT_EXTENSIONS.has(row.extension) || row.bytes >= PREVIEW_MAX_BYTES) return undefined
  const end = Math.min(row.bytes, PREVIEW_CHARACTERS * 4) - 1
  const chunks: Buffer[] = []
  for await (const chunk of await deps.stores.of(row.store).open(row.storage_key, { start: 0, end }))
    chunks.push(chunk)
  const text = decodeTextHead(Buffer.concat(chunks))
  return text === undefined ? undefined : [...text].slice(0, PREVIEW_CHARACTERS).join('')
}

/** Looks at files without downloading, and before uploading them. */
export const previewRoutes: FastifyPluginAsyncTypebox<RouteDeps> = async (app, deps) => {
  app.get(
    '/:id/preview',
    {
      schema: {
        tags,
        operationId: 'previewFile',
        summary: 'What can be shown of a file without downloading it',
        params: UuidParam,
        response: answers({ 200: Preview }),
      },
    },
    async (request, reply) => {
      reply.header('Cache-Control', 'no-store')
      const row = await deps.core.files.openable(request.actor, request.params.id)
      const { id, filename, file_size_mb, mime_type, category, uploaded_at, thumbnail_url } = fileView(row)
      const text_preview = await textPreview(deps, row)
      const can_preview = text_preview !== undefined || thumbnail_url !== undefined
      const shown = { id, filename, file_size_mb, mime_type, category, uploaded_at, can_preview }
      return {
        ...shown,
        ...(thumbnail_url === undefined ? {} : { thumbnail_url }),
        ...(text_preview === undefined ? {} : { text_preview }),
      }
    },
  )

  app.post(
    '/validate',
    {
      config: {
        ...limited('upload'),
        multipart: Type.Object({ files: Type.Array(Type.String({ format: 'binary' })) }),
      },
      schema: {
        tags,
        operationId: 'validateFiles',
        summary: `Says of up to ${MAX_FILES} files whether they would be accepted; nothing is stored`,
        response: answers({ 200: Verdicts }),
      },
    },
    async (request) => {
      const files = []
      for await (const part of request.parts()) {
        if (part.type !== 'file' || !part.filename) continue
        files.push(await verdictOn(part))
      }
      if (files.length === 0) throw invalid('files', 'is required')
      const total = files.reduce((sum, file) => sum + file.size, 0)
      const valid_files = files.filter((file) => file.valid).length
      return { files, total_size_mb: sizeOf(total).size_mb, valid_files, total_files: files.length }
    },
  )
}

/** Reads a file to its end, so that its size is told even when it is refused. */
async function verdictOn(part: {
  filename: string
  mimetype: string
  file: NodeJS.ReadableStream & { bytesRead: number }
}) {
  const stream = part.file as Parameters<typeof examineFile>[0] & { bytesRead: number }
  const ended = new Promise<void>((resolve) => stream.once('close', resolve))
  try {
    const file = await examineFile(stream, { filename: part.filename, declaredType: part.mimetype })
    return {
      filename: file.filename,
      ...sizeOf(file.bytes),
      category: file.category,
      valid: true,
      errors: [],
    }
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error
    stream.resume()
    await ended
    const filename = safeFilename(part.filename)
    const category = typeForName(filename)?.category ?? null
    return { filename, ...sizeOf(stream.bytesRead), category, valid: false, errors: [error.message] }
  }
}
