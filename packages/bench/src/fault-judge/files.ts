import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sql } from 'postgres'
import { type Finding, type WrongRow, wrongs } from './finding.ts'

/** Every file's bytes are on the disk as they were sent, and every picture has its thumbnails. */
export async function judgeFiles(sql: Sql, folder: string): Promise<Finding> {
  const rows = await sql<
    { id: string; storage_key: string; sha256: string; thumbnail: string; at: number }[]
  >`
    SELECT id, storage_key, sha256, thumbnail, (extract(epoch FROM created_at) * 1000)::float8 AS at
    FROM attachments WHERE deleted_at IS NULL`
  const lost: WrongRow[] = []
  for (const { id, storage_key: key, sha256, thumbnail, at } of rows) {
    const path = join(folder, key)
    if (!existsSync(path)) lost.push({ what: `file ${id} has no bytes`, at })
    else if (createHash('sha256').update(readFileSync(path)).digest('hex') !== sha256) {
      lost.push({ what: `file ${id} has other bytes`, at })
    }
    if (thumbnail === 'pending' || thumbnail === 'failed') {
      lost.push({ what: `thumbnails of ${id} are ${thumbnail}`, at })
    }
    const small = join(folder, key.replace(/\/original$/, '/thumb-150.webp'))
    if (thumbnail === 'ready' && !existsSync(small)) lost.push({ what: `thumbnails of ${id} are gone`, at })
  }
  return { check: 'files and thumbnails on disk', counted: rows.length, lost: wrongs(lost), doubled: [] }
}
