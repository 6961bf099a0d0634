import postgres from 'postgres'
import { forgetPeak, memoryOf } from '../api-process.ts'
import { type Figure, rateOverFloor } from '../framework/figure.ts'
import type { DeskContext } from '../framework/measurement.ts'
import { inTurns } from '../framework/rounds.ts'

const MB = 1024 ** 2

/** The rows and columns of the export as they are stored: nothing is defused, rewritten or sorted. */
const COPY = `COPY (
  SELECT t.id, t.title, s.name, p.name, c.name, t.created_at, a.name, t.id, tm.name, r.name, t.updated_at, t.first_response_at,
    t.resolved_at, t.closed_at, d.due_at, d.state, t.escalation_level
  FROM tickets t
  JOIN statuses s ON s.id = t.status_id JOIN priorities p ON p.id = t.priority_id JOIN categories c ON c.id = t.category_id
  JOIN users r ON r.id = t.created_by LEFT JOIN users a ON a.id = t.assigned_to LEFT JOIN teams tm ON tm.id = t.team_id
  LEFT JOIN sla_clocks d ON d.ticket_id = t.id AND d.metric = 'resolution'
  WHERE t.deleted_at IS NULL
) TO STDOUT (FORMAT csv)`

/** Rows a second of the whole list as CSV over HTTP, against a bare COPY of the same columns; and what the API's memory grows by. */
export async function measureExport({ desk, rounds, servers, tickets }: DeskContext): Promise<Figure[]> {
  const { api, token } = desk
  // Of all exports together, the first included: what it leaves behind is growth too.
  const before = await memoryOf(api.pid, 'VmRSS')
  const growth: number[] = []
  const bare = async () => {
    // For each its own: where the output was read to its end, postgres.js may leave the server's last word unread for ever.
    const sql = postgres(servers.databaseUrl, { max: 1 })
    try {
      await sql`SELECT 1`
      return await rate(tickets, () => sql.unsafe(COPY).readable())
    } finally {
      await sql.end({ timeout: 0 })
    }
  }
  const product = async () => {
    await forgetPeak(api.pid)
    const rowsPerSecond = await rate(tickets + 1, async () => {
      const headers = { authorization: `Bearer ${token}` }
      const response = await fetch(`${api.url}/export/tickets.csv`, { headers })
      if (!response.ok || response.body === null) throw new Error(`the export answered ${response.status}`)
      return response.body
    })
    growth.push((await memoryOf(api.pid, 'VmHWM')) - before)
    return rowsPerSecond
  }
  await product()
  const values = await inTurns(rounds, bare, product)
  return [
    rateOverFloor('CSV of all tickets, rows', values, 'COPY', 0.5),
    {
      name: 'CSV of all tickets, growth of the API',
      unit: 'MB',
      better: 'less',
      rounds: growth.map((bytes) => bytes / MB),
      targets: [{ of: 'value', is: 64 }],
    },
  ]
}

/**
 * Rows a second of a CSV from its asking to its end; it is read and thrown away.
 * @throws Error when it has fewer lines than that: titles may hold more
 */
async function rate(rows: number, open: () => Promise<AsyncIterable<Uint8Array>>): Promise<number> {
  const started = performance.now()
  let lines = 0
  for await (const chunk of await open()) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1
  }
  if (lines < rows) throw new Error(`${lines} lines for ${rows} rows`)
  return (rows * 1_000) / (performance.now() - started)
}
