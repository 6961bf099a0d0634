import { type SQL, sql } from 'drizzle-orm'

/**
 * A text that a spreadsheet takes as text: where it begins with what begins a formula there (`=`, `+`, `-`, `@`, their
 * full-width forms, a tab or the end of a line), an apostrophe comes before it.
 */
function defused(text: SQL): SQL {
  return sql`CASE WHEN ascii(${text}) IN (${sql.raw(FORMULA_STARTS)}) THEN '''' || ${text} ELSE ${text} END`
}

// `ascii` is PostgreSQL's name for the code point of the first character; of an empty text it is 0.
const FORMULA_STARTS = [...'=+-@\t\n\r＝＋－＠'].map((each) => each.codePointAt(0)).join(', ')

/** ISO 8601 in UTC, to the second. The cast to text and `replace` cost half of what `to_char` does. */
function instant(column: SQL): SQL {
  return sql`replace(date_trunc('second', ${column} AT TIME ZONE 'UTC')::text, ' ', 'T') || 'Z'`
}

/** Names, each made fit once and not once a ticket: the OFFSET keeps the planner from pulling it up. */
const names = (table: SQL) => sql`(SELECT id, ${defused(sql`name`)} AS name FROM ${table} OFFSET 0)`

/** The first seven are what clients rely on. */
const COLUMNS: readonly (readonly [name: string, expression: SQL])[] = [
  ['ID', sql`t.id`],
  ['Title', defused(sql`t.title`)],
  ['Status', sql`s.name`],
  ['Priority', sql`p.name`],
  ['Category', sql`c.name`],
  ['Created', instant(sql`t.created_at`)],
  ['Assigned', sql`a.name`],
  ['Ticket', sql`'TKT-' || t.id`],
  ['Team', sql`tm.name`],
  ['Requester', sql`r.name`],
  ['Updated', instant(sql`t.updated_at`)],
  ['First Response', instant(sql`t.first_response_at`)],
  ['Resolved', instant(sql`t.resolved_at`)],
  ['Closed', instant(sql`t.closed_at`)],
  ['Due', instant(sql`d.due_at`)],
  [
    'SLA',
    sql`CASE WHEN d.breached_at IS NOT NULL THEN 'breached' WHEN d.state = 'stopped' THEN 'met' ELSE d.state END`,
  ],
  ['Escalation', sql`t.escalation_level`],
]

/**
 * The rows of an export, newest ticket first, with the columns' names.
 * @param matching `FROM tickets t … WHERE …`
 */
export function exportedTickets(matching: SQL): SQL {
  const columns = COLUMNS.map(([name, expression]) => sql`${expression} AS ${sql.identifier(name)}`)
  return sql`SELECT ${sql.join(columns, sql`, `)}
    FROM (SELECT t.* ${matching}) t
    JOIN ${names(sql`statuses`)} s ON s.id = t.status_id
    JOIN ${names(sql`priorities`)} p ON p.id = t.priority_id
    JOIN ${names(sql`categories`)} c ON c.id = t.category_id
    JOIN ${names(sql`users`)} r ON r.id = t.created_by
    LEFT JOIN ${names(sql`users`)} a ON a.id = t.assigned_to
    LEFT JOIN ${names(sql`teams`)} tm ON tm.id = t.team_id
    LEFT JOIN sla_clocks d ON d.ticket_id = t.id AND d.metric = 'resolution'
    ORDER BY t.id DESC`
}
