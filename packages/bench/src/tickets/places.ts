import { createCursorSeal, encodeCursor } from '@servicedesk/core'
import postgres from 'postgres'
import type { DeskContext } from '../framework/measurement.ts'

async function rowsOf<Row extends object>({ servers }: DeskContext, text: string): Promise<Row[]> {
  const sql = postgres(servers.databaseUrl, { max: 1, connection: { TimeZone: 'UTC' } })
  try {
    return (await sql.unsafe(text)) as unknown as Row[]
  } finally {
    await sql.end()
  }
}

/** The agents who have tickets. */
export async function agentIds(context: DeskContext): Promise<number[]> {
  const text = 'SELECT user_id AS id FROM agents WHERE active_tickets > 0 ORDER BY user_id'
  const rows = await rowsOf<{ id: string }>(context, text)
  return rows.map(({ id }) => Number(id))
}

/** A cursor to the middle of the list of all tickets. */
export async function middleOf(context: DeskContext): Promise<string> {
  const [row] = await rowsOf<{ id: string; key: string }>(
    context,
    `SELECT id, created_at::text AS key FROM tickets WHERE deleted_at IS NULL
     ORDER BY created_at DESC, id DESC OFFSET ${Math.floor(context.tickets / 2)} LIMIT 1`,
  )
  if (row === undefined) throw new Error('the desk has no ticket in its middle')
  const seal = createCursorSeal(context.desk.deployment.secret)
  const place = { sort: 'created_at', descending: true, key: row.key, id: Number(row.id) } as const
  return encodeCursor(seal, { filter: {}, ...place })
}
