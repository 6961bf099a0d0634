import type { FileStatus, ThumbnailState } from '@servicedesk/db'

/** What every view of a file shows. */
type FileFacts = Pick<
  FileRow,
  'id' | 'filename' | 'bytes' | 'mime_type' | 'category' | 'created_at' | 'thumbnail' | 'status'
>

/** Makes an absolute, signed, expiring address of a file's content, for `<img>` elsewhere. */
export type LinkMaker = (file: { id: string; filename: string }) => string

/** An attachment's row with its uploader's name. */
export interface FileRow extends Record<string, unknown> {
  id: string
  ticket_id: number
  message_id: number | null
  uploaded_by: number
  uploaded_by_name: string
  filename: string
  extension: string
  mime_type: string
  category: string
  bytes: number
  sha256: string
  store: string
  storage_key: string
  status: FileStatus
  thumbnail: ThumbnailState
  width: number | null
  height: number | null
  created_at: string
  deleted_at: string | null
}

const API = '/api/v1/files'

/** A size for people: whole bytes, or one decimal of KB or MB (of 1,024). */
export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KB`
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`
}

/** Megabytes of 1,024² bytes with two decimals, never 0 for a file that has bytes. */
export function megabytes(bytes: number): number {
  return Math.max(0.01, Math.round((bytes / 1024 ** 2) * 100) / 100)
}

/** A file as uploads answer it. */
export function fileView(row: FileFacts) {
  return {
    id: row.id,
    filename: row.filename,
    file_size_mb: megabytes(row.bytes),
    mime_type: row.mime_type,
    category: row.category,
    uploaded_at: new Date(row.created_at).toISOString(),
    download_url: `${API}/${row.id}/download`,
    ...(row.thumbnail === 'none' || row.thumbnail === 'failed'
      ? {}
      : { thumbnail_url: `${API}/${row.id}/thumbnail` }),
    status: row.status,
  }
}

/** A file as a ticket's list shows it. */
export function ticketFileView(row: FileRow) {
  return {
    ...fileView(row),
    uploaded_by: { id: row.uploaded_by, name: row.uploaded_by_name },
    preview_url: `${API}/${row.id}/preview`,
  }
}

/** The `file_info` of a timeline entry. */
export function fileInfo(row: FileRow) {
  return {
    id: row.id,
    filename: row.filename,
    mime_type: row.mime_type,
    download_url: `${API}/${row.id}/download`,
  }
}

export type FileView = ReturnType<typeof fileView>
