import { randomUUID } from 'node:crypto'
import { DomainError, type StoredFile } from '@servicedesk/core'
import { FileRefused, type FileStore, originalKey, receiveFile } from '@servicedesk/files'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import type { RouteDeps } from '../shared/route-deps.ts'
import { wordsFor } from '../shared/schemas.ts'

/** A form whose files are in the store; no row names them yet. */
export interface ReceivedForm {
  fields: Record<string, string>
  files: StoredFile[]
}

/**
 * Receives a multipart form: fields as text, files streamed into the store while they are examined. `use` makes
 * the rows that name them; when the form or `use` is refused, the stored files are removed again.
 * @throws DomainError 400, 413 or 415
 */
export async function receiveForm<R>(
  deps: RouteDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  use: (form: ReceivedForm) => Promise<R>,
): Promise<R> {
  const files: StoredFile[] = []
  const keys: string[] = []
  const quota = await deps.core.files.quota(request.actor)
  // What a repeated request uploaded the first time is counted already: its answer is there and is given again.
  if (request.headers['idempotency-key'] !== undefined) quota.left = Number.POSITIVE_INFINITY
  const name = deps.stores.current
  const store = deps.stores.of(name)
  const forget = () => Promise.allSettled(keys.map((key) => store.remove(key)))
  let fields: Record<string, string>
  try {
    fields = await receiveParts({ name, store, quota }, request, files, keys)
    // Whoever was told that it took too long will send it again.
    if (reply.sent) throw new Error('the form was answered before its files were stored')
  } catch (error) {
    await forget()
    throw asDomainError(error)
  }
  try {
    const result = await use({ fields, files })
    // An answer that an earlier request had made: no row names these bytes.
    if (reply.hasHeader('Idempotency-Replayed')) await forget()
    return result
  } catch (error) {
    // A refusal came before any commit. After another error the commit may have happened all the same, and rows
    // without their bytes would be a loss: what is no row's then is the orphan sweep's.
    if (error instanceof DomainError) await forget()
    throw error
  }
}

type Quota = Awaited<ReturnType<RouteDeps['core']['files']['quota']>>

async function receiveParts(
  { name, store, quota }: { name: string; store: FileStore; quota: Quota },
  request: FastifyRequest,
  files: StoredFile[],
  keys: string[],
): Promise<Record<string, string>> {
  const fields: Record<string, string> = {}
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      if (part.valueTruncated || part.fieldnameTruncated) {
        throw new DomainError('too_large', 'field_too_large', `The field ${part.fieldname} is too large`)
      }
      fields[part.fieldname] = String(part.value)
      continue
    }
    // Browsers send an empty part for a file input that nobody used.
    if (part.filename === '' || part.filename === undefined) {
      part.file.resume()
      continue
    }
    const id = randomUUID()
    const storageKey = originalKey(id)
    keys.push(storageKey)
    const left = quota.left - files.reduce((sum, file) => sum + file.bytes, 0)
    const received = await receiveFile(part.file, {
      filename: part.filename,
      declaredType: part.mimetype,
      maxBytes: Math.max(0, left),
      store,
      key: storageKey,
    }).catch((error) => {
      const isOver = error instanceof FileRefused && error.code === 'too_large' && part.file.bytesRead > left
      throw isOver ? quota.exceeded() : error
    })
    files.push({
      ...received,
      id,
      store: name,
      storageKey,
      width: received.width ?? null,
      height: received.height ?? null,
    })
  }
  return fields
}

function asDomainError(error: unknown): unknown {
  if (!(error instanceof FileRefused)) return error
  const kind =
    error.code === 'too_large' ? 'too_large' : error.code === 'empty' ? 'invalid' : 'unsupported_type'
  return new DomainError(kind, `file_${error.code}`, error.message)
}

/**
 * Checks a form's fields, which are all text, against the schema of the JSON body.
 * @throws DomainError 400 naming every member that is wrong
 */
export function checkForm<T extends TSchema>(schema: T, fields: Record<string, string>): Static<T> {
  if (Value.Check(schema, fields)) return fields as Static<T>
  const errors = [...Value.Errors(schema, fields)].map((error) => ({
    path: error.instancePath.split('/').slice(1).join('.') || namedBy(error.params),
    message: wordsFor(error.keyword, error.message),
  }))
  const [first] = errors
  throw new DomainError(
    'invalid',
    'validation_failed',
    `${first?.path || 'form'}: ${first?.message ?? 'is not valid'}`,
    {
      fields: errors,
    },
  )
}

/** The member that a "required" or "additional" error is about. */
function namedBy(params: object): string {
  const { requiredProperties, additionalProperties } = params as {
    requiredProperties?: string[]
    additionalProperties?: string[]
  }
  return (requiredProperties ?? additionalProperties ?? []).join(', ')
}
