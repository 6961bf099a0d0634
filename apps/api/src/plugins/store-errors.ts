import { FileMissing, StoreFailed, StoreUnknown } from '@servicedesk/files'
import type { Problem } from './errors.ts'

/** What an error of a file store means to the client; null for anything else. */
export function storeProblem(error: unknown): Problem | null {
  if (error instanceof FileMissing) return { status: 404, code: 'not_found', detail: 'File not found' }
  if (error instanceof StoreFailed || error instanceof StoreUnknown) {
    return { status: 503, code: 'storage_unavailable', detail: 'The file store is not available' }
  }
  return null
}
