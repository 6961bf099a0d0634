import type { Row } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { type ReadyFilter, selectionOf, type ValueOf, valuesOf } from './ticket-filter.ts'

/** `FROM tickets t … WHERE …` of everything that matches, in no order. */
export function matchingTickets(filter: ReadyFilter): SQL {
  const values = valuesOf(filter)
  return fromWhere(filter, (name) => values[name])
}

/** The same for a statement that is prepared, with the values of its placeholders. */
export function preparedMatching(filter: ReadyFilter): { matching: SQL; values: Row } {
  return { matching: fromWhere(filter, sql.placeholder), values: valuesOf(filter) }
}

function fromWhere(filter: ReadyFilter, bound: ValueOf): SQL {
  const { common, needsClock } = selectionOf(filter, bound, { isWhole: true })
  const clock = sql`LEFT JOIN sla_clocks k ON k.ticket_id = t.id AND k.metric = 'resolution'`
  return sql`FROM tickets t ${needsClock ? clock : sql``} WHERE ${sql.join(common, sql` AND `)}`
}
