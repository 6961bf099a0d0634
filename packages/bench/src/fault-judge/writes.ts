import type { Sql } from 'postgres'
import type { Write } from '../fault-load/journal.ts'
import type { Finding, Wrong } from './finding.ts'

interface Found {
  id: string
  ticketId: number
  content: string
}

/** Every acknowledged write is there, word for word, and none is there twice, acknowledged or not. */
export async function judgeWrites(sql: Sql, writes: readonly Write[]): Promise<Finding[]> {
  const rows = {
    ticket: await find(
      sql`SELECT id::text, id AS ticket_id, description AS content, substring(description FROM '\\[(m\\d+)\\]$') AS marker FROM tickets`,
    ),
    message: await find(
      sql`SELECT id::text, ticket_id, body AS content, substring(body FROM '\\[(m\\d+)\\]$') AS marker FROM messages`,
    ),
    upload: await find(
      sql`SELECT id::text, ticket_id, sha256 AS content, filename AS marker FROM attachments WHERE deleted_at IS NULL`,
    ),
    resolve: await find(
      sql`SELECT seq::text AS id, ticket_id, data ->> 'to' AS content, ticket_id::text AS marker FROM ticket_events
        WHERE type = 'status_changed' AND data ->> 'to' = 'Resolved'`,
    ),
  }
  return (['ticket', 'message', 'upload', 'resolve'] as const).map((kind) =>
    judgeKind(
      kind,
      writes.filter((write) => write.kind === kind),
      rows[kind],
    ),
  )
}

const NAMES = {
  ticket: 'tickets created',
  message: 'messages posted',
  upload: 'files uploaded',
  resolve: 'tickets resolved',
}

/** A resolved ticket is known by its number, everything else by the marker in its text. */
const markerOf = (write: Write) => (write.kind === 'resolve' ? String(write.ticketId) : write.marker)

function judgeKind(kind: Write['kind'], writes: readonly Write[], rows: Map<string, Found[]>): Finding {
  const lost: Wrong[] = []
  const doubled: Wrong[] = []
  let refused = 0
  for (const write of writes) {
    const found = rows.get(markerOf(write)) ?? []
    const wrong = (what: string) => ({ what: `${kind} ${write.marker}: ${what}`, at: write.sentAt })
    if (write.outcome === 'refused') {
      refused += 1
      lost.push(wrong(`refused: ${write.reason}`))
    }
    if (write.outcome === 'acknowledged') {
      if (!found.some((row) => isSame(write, row))) lost.push(wrong('acknowledged and not there'))
    }
    if (found.length > 1) doubled.push(wrong(`there ${found.length} times`))
  }
  const unanswered = writes.filter((write) => write.outcome === 'unanswered').length
  const notes = [
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...(unanswered > 0 ? [`${unanswered} never answered`] : []),
  ]
  const acknowledged = writes.filter((write) => write.outcome === 'acknowledged').length
  return {
    check: NAMES[kind],
    counted: acknowledged,
    lost,
    doubled,
    ...(notes.length > 0 ? { note: notes.join(', ') } : {}),
  }
}

function isSame(write: Write, row: Found): boolean {
  const isRow = write.kind === 'resolve' || write.id === undefined || write.id === row.id
  return isRow && lines(row.content) === lines(write.content) && row.ticketId === write.ticketId
}

/** A form sends every line break as CRLF (HTML, "multipart/form-data encoding algorithm"). */
const lines = (text: string) => text.replaceAll('\r\n', '\n')

async function find(query: Promise<readonly Record<string, unknown>[]>): Promise<Map<string, Found[]>> {
  const byMarker = new Map<string, Found[]>()
  for (const row of await query) {
    const marker = String(row.marker)
    const found = { id: String(row.id), ticketId: Number(row.ticket_id), content: String(row.content) }
    byMarker.set(marker, [...(byMarker.get(marker) ?? []), found])
  }
  return byMarker
}
