import { type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TestDesk } from '@servicedesk/testing'

/** A fingerprint of every row of every table, so that any change shows. */
export async function contentOf(desk: TestDesk): Promise<Record<string, string>> {
  const sql = desk.db.$client
  const tables = await sql<{ name: string }[]>`
    SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`
  const entries = await Promise.all(
    tables.map(async ({ name }) => {
      const [row] = await sql<{ mark: string }[]>`
        SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(x::text, '|' ORDER BY x::text)), '') AS mark
        FROM ${sql(name)} x`
      return [name, row?.mark ?? ''] as const
    }),
  )
  return Object.fromEntries(entries)
}

/** Files below the desk's data folder: what the local store holds. */
export function storedFiles(desk: TestDesk): string[] {
  return filesBelow(desk.config.dataDir)
}

/** Its own walk, because Node's fails when a folder goes between its being listed and read. */
function filesBelow(folder: string): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [path] : []
  })
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
