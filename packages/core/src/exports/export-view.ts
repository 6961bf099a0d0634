import type { ExportStatus, exports } from '@servicedesk/db'

export type ExportRow = typeof exports.$inferSelect

/** An export as its asker sees it. */
export interface ExportView {
  id: string
  format: 'csv'
  status: ExportStatus
  /** 0 to 100. */
  progress: number
  /** So far, and in the end all; null before the first. */
  rows: number | null
  /** Bytes of the file, once it is there. */
  bytes: number | null
  /** Why it failed. */
  reason: string | null
  filters: Record<string, unknown>
  created_at: string
  finished_at: string | null
  expires_at: string | null
  download_url: string | null
}

const iso = (date: Date | null) => date?.toISOString() ?? null

export function exportView(row: ExportRow): ExportView {
  return {
    id: row.id,
    format: 'csv',
    status: row.status,
    progress: row.progress,
    rows: row.rows,
    bytes: row.bytes,
    reason: row.reason,
    filters: row.filters,
    created_at: row.createdAt.toISOString(),
    finished_at: iso(row.finishedAt),
    expires_at: iso(row.expiresAt),
    download_url: row.status === 'ready' ? `/api/v1/exports/${row.id}/download` : null,
  }
}
