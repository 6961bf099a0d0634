import { attachments, type Database } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import { type FileScanner, ScanImpossible, type Stores } from '../shared/ports.ts'

export interface ScanPorts {
  stores: Stores
  /** Undefined where no scanner is configured. */
  scan: FileScanner | undefined
}

/** What a scan came to. */
export type ScanOutcome =
  | { status: 'ready' }
  | { status: 'infected'; signature: string }
  | { status: 'failed'; reason: string }

/**
 * Has an attachment scanned: the slow part, outside any transaction and safe to repeat. It fails closed: without a clear
 * verdict on every byte the file stays as it is.
 * @returns what to record with `recordScan`; null when the attachment is gone or does not wait for it any more
 * @throws whatever keeps the store or the scanner from answering: to be tried again
 */
export async function scanFile(
  db: Database,
  ports: ScanPorts,
  attachmentId: string,
): Promise<ScanOutcome | null> {
  const [row] = await db.select().from(attachments).where(eq(attachments.id, attachmentId))
  if (row === undefined || row.deletedAt !== null || row.status !== 'scanning') return null
  if (ports.scan === undefined) throw new Error('A file waits to be scanned, and CLAMD_URL is not set here')
  const content = await ports.stores.of(row.store).open(row.storageKey)
  try {
    const { signature, bytes } = await ports.scan(content)
    if (signature !== null) return { status: 'infected', signature }
    if (bytes !== row.bytes) throw new Error(`The store gave ${bytes} of ${row.bytes} bytes`)
    return { status: 'ready' }
  } catch (error) {
    if (error instanceof ScanImpossible) return { status: 'failed', reason: error.message }
    throw error
  }
}
