import { type SQL, sql } from 'drizzle-orm'
import { type ReadyFilter, selectionOf, type ValueOf } from './ticket-filter.ts'

export const TICKET_SORTS = ['created_at', 'updated_at', 'priority', 'due_at'] as const
export type TicketSort = (typeof TICKET_SORTS)[number]

/** What a page is asked for; `after` continues behind a row, whose key is in the values. */
export interface ListShape {
  filter: ReadyFilter
  sort: TicketSort
  descending: boolean
  after?: { key: string; id: number } | undefined
  limit: number
  offset: number
}

/** Tickets without a due time come last, whichever way the others go. */
export const NO_DUE_TIME = 'infinity'

const CLOCK = sql`LEFT JOIN sla_clocks k ON k.ticket_id = t.id AND k.metric = 'resolution'`

/** The direction of a list as SQL, and the comparison that finds what is behind a row. */
function way(shape: ListShape) {
  return shape.descending ? { direction: sql`DESC`, behind: sql`<` } : { direction: sql`ASC`, behind: sql`>` }
}

/** That a row of an order by time comes behind the one that the shape continues after. */
function behindRow(shape: ListShape, bound: ValueOf, key: SQL, id: SQL): SQL {
  return sql`(${key}, ${id}) ${way(shape).behind} (${bound('afterKey')}::timestamptz, ${bound('afterId')}::bigint)`
}

/** `LIMIT` is part of the text: a plan for any limit would be one for a tenth of the table. */
function slice({ limit, offset }: { limit: number; offset: number }): SQL {
  return sql`LIMIT ${sql.raw(String(limit))} OFFSET ${sql.raw(String(offset))}`
}

/**
 * A page of tickets read in the order of an index, each filter's rows by its own: as many rows as the page has, however
 * many match. Answers `columns` of the ticket `t`, and the sort key as `order_key`.
 */
export function orderedPage(shape: ListShape, bound: ValueOf, columns: SQL): SQL {
  if (shape.sort === 'priority') return byPriority(shape, bound, columns)
  if (shape.sort === 'due_at') {
    return shape.after?.key === NO_DUE_TIME
      ? withoutDueTime(shape, bound, columns)
      : byDueTime(shape, bound, columns)
  }
  return byInstant(shape, shape.sort, bound, columns)
}

function byInstant(shape: ListShape, sort: 'created_at' | 'updated_at', bound: ValueOf, columns: SQL): SQL {
  const { direction } = way(shape)
  const { common, branches, needsClock } = selectionOf(shape.filter, bound, {
    mayBranch: sort === 'created_at',
  })
  const key = sort === 'created_at' ? sql`t.created_at` : sql`t.updated_at`
  const after = shape.after === undefined ? [] : [behindRow(shape, bound, key, sql`t.id`)]
  // Nothing is changed before it is made, and what was made late was changed late.
  const implied =
    sort === 'updated_at' && shape.filter.createdAfter !== undefined
      ? [sql`t.updated_at >= ${bound('createdAfter')}::timestamptz`]
      : []
  const reads = branches.map(
    (branch) => sql`SELECT ${columns}, ${key} AS order_key FROM tickets t ${needsClock ? CLOCK : sql``}
      WHERE ${sql.join([...common, ...branch, ...implied, ...after], sql` AND `)}
      ORDER BY ${key} ${direction}, t.id ${direction}`,
  )
  const [only] = reads
  if (only !== undefined && reads.length === 1) return sql`${only} ${slice(shape)}`
  const first = slice({ limit: shape.limit + shape.offset, offset: 0 })
  const parts = reads.map((read) => sql`(${read} ${first})`)
  return sql`SELECT * FROM (${sql.join(parts, sql` UNION ALL `)}) t
    ORDER BY order_key ${direction}, t.id ${direction} ${slice(shape)}`
}

/** The priorities in order of rank, of each no more than a page can show. */
function byPriority(shape: ListShape, bound: ValueOf, columns: SQL): SQL {
  const { direction, behind } = way(shape)
  const { common, needsClock } = selectionOf(shape.filter, bound)
  const end = sql.raw(shape.descending ? '9223372036854775807' : '0')
  const [key, id] = [sql`${bound('afterKey')}::int`, sql`${bound('afterId')}::bigint`]
  const isLater = shape.after === undefined ? sql`` : sql`WHERE pr.rank ${behind} ${key} OR pr.rank = ${key}`
  const after =
    shape.after === undefined
      ? []
      : [sql`t.id ${behind} CASE WHEN pr.rank = ${key} THEN ${id} ELSE ${end} END`]
  return sql`SELECT t.*, pr.rank AS order_key FROM priorities pr CROSS JOIN LATERAL (
      SELECT ${columns} FROM tickets t ${needsClock ? CLOCK : sql``}
      WHERE t.priority_id = pr.id AND ${sql.join([...common, ...after], sql` AND `)}
      ORDER BY t.id ${direction} ${slice({ limit: shape.limit + shape.offset, offset: 0 })}) t
    ${isLater} ORDER BY pr.rank ${direction}, t.id ${direction} ${slice(shape)}`
}

/** Those that are due at a time. */
function byDueTime(shape: ListShape, bound: ValueOf, columns: SQL): SQL {
  const { direction } = way(shape)
  const { common } = selectionOf(shape.filter, bound)
  const after = shape.after === undefined ? [] : [behindRow(shape, bound, sql`k.due_at`, sql`k.ticket_id`)]
  const implied =
    shape.filter.createdAfter === undefined ? [] : [sql`k.due_at >= ${bound('createdAfter')}::timestamptz`]
  return sql`SELECT ${columns}, k.due_at AS order_key FROM sla_clocks k JOIN tickets t ON t.id = k.ticket_id
    WHERE k.metric = 'resolution' AND k.due_at IS NOT NULL
      AND ${sql.join([...common, ...implied, ...after], sql` AND `)}
    ORDER BY k.due_at ${direction}, k.ticket_id ${direction} ${slice(shape)}`
}

/** Those without: paused, or with no promise at all. */
export function withoutDueTime(shape: ListShape, bound: ValueOf, columns: SQL): SQL {
  const { direction, behind } = way(shape)
  const { common, needsClock } = selectionOf(shape.filter, bound)
  const after = shape.after?.key === NO_DUE_TIME ? [sql`t.id ${behind} ${bound('afterId')}::bigint`] : []
  return sql`SELECT ${columns}, 'infinity'::timestamptz AS order_key FROM tickets t ${needsClock ? CLOCK : sql``}
    WHERE ${sql.join([...common, ...after], sql` AND `)} AND NOT EXISTS (SELECT 1 FROM sla_clocks due
      WHERE due.ticket_id = t.id AND due.metric = 'resolution' AND due.due_at IS NOT NULL)
    ORDER BY t.id ${direction} ${slice(shape)}`
}

/** The rows of an order (not by creation, see `list-rows.ts`) that one index has, whatever the filters; `behind` is what comes after the shape's `after`. */
interface Walk {
  from: SQL
  key: SQL
  id: SQL
  behind: SQL
}

function walkOf(shape: ListShape, bound: ValueOf): Walk {
  if (shape.sort === 'priority') return walkOfOnePriority(shape, bound)
  if (shape.sort === 'due_at') {
    const [key, id] = [sql`k.due_at`, sql`k.ticket_id`]
    const from = sql`sla_clocks k WHERE k.metric = 'resolution' AND k.due_at IS NOT NULL`
    return { from, key, id, behind: behindRow(shape, bound, key, id) }
  }
  const [key, id] = [sql`t.updated_at`, sql`t.id`]
  return {
    from: sql`tickets t WHERE t.deleted_at IS NULL`,
    key,
    id,
    behind: behindRow(shape, bound, key, id),
  }
}

/** The first priority of a page only: most pages have no other. */
function walkOfOnePriority(shape: ListShape, bound: ValueOf): Walk {
  const { direction, behind } = way(shape)
  const [key, id] = [sql`pr.rank`, sql`t.id`]
  const among =
    shape.filter.priorityIds === undefined
      ? sql``
      : sql`WHERE id = ANY (string_to_array(${bound('priorityIds')}::text, ',')::bigint[])`
  const first =
    shape.after === undefined
      ? sql`(SELECT id, rank FROM priorities ${among} ORDER BY rank ${direction} LIMIT 1)`
      : sql`(SELECT id, rank FROM priorities WHERE rank = ${bound('afterKey')}::int)`
  return {
    from: sql`${first} pr JOIN tickets t ON t.priority_id = pr.id WHERE t.deleted_at IS NULL`,
    key,
    id,
    behind: sql`t.id ${behind} ${bound('afterId')}::bigint`,
  }
}

/**
 * Those of the next `most` tickets of an order that match: the page, if they are enough for it. Whatever the filters, this
 * looks at no more than that, and stops where the page is full.
 */
export function walkedPage(shape: ListShape, bound: ValueOf, most: number): SQL {
  const { direction } = way(shape)
  const { common, needsClock } = selectionOf(shape.filter, bound)
  const { from, key, id, behind } = walkOf(shape, bound)
  // Neither is a ticket changed before it is made, nor due.
  const implied =
    shape.filter.createdAfter === undefined || shape.sort === 'priority'
      ? sql``
      : sql`AND ${key} >= ${bound('createdAfter')}::timestamptz`
  return sql`SELECT t.id, walk.order_key FROM (
      SELECT ${id} AS id, ${key} AS order_key FROM ${from} ${implied} ${shape.after === undefined ? sql`` : sql`AND ${behind}`}
      ORDER BY ${key} ${direction}, ${id} ${direction} LIMIT ${sql.raw(String(most))}
    ) walk JOIN tickets t ON t.id = walk.id ${needsClock ? CLOCK : sql``}
    WHERE ${sql.join(common, sql` AND `)}
    ORDER BY walk.order_key ${direction}, walk.id ${direction} ${slice(shape)}`
}

const GATHERED: Record<TicketSort, { key: SQL; join: SQL; type: SQL }> = {
  created_at: { key: sql`t.created_at`, join: sql``, type: sql`timestamptz` },
  updated_at: { key: sql`t.updated_at`, join: sql``, type: sql`timestamptz` },
  priority: { key: sql`pr.rank`, join: sql`JOIN priorities pr ON pr.id = t.priority_id`, type: sql`int` },
  due_at: { key: sql`coalesce(k.due_at, 'infinity')`, join: CLOCK, type: sql`timestamptz` },
}

/**
 * The same page of few tickets: all that match are read by whichever indexes find them, and sorted. An index in the order
 * of the list would be read to its end where matches are rarer than it seems.
 */
export function gatheredPage(shape: ListShape, bound: ValueOf): SQL {
  const { direction, behind } = way(shape)
  const { common, needsClock } = selectionOf(shape.filter, bound)
  const { key, join, type } = GATHERED[shape.sort]
  const isDue = shape.sort === 'due_at'
  const late = isDue ? sql`order_key = 'infinity',` : sql``
  const [afterKey, afterId] = [sql`${bound('afterKey')}::${type}`, sql`${bound('afterId')}::bigint`]
  const behindKey = sql`(order_key, id) ${behind} (${afterKey}, ${afterId})`
  const after = !isDue
    ? behindKey
    : shape.after?.key === NO_DUE_TIME
      ? sql`order_key = 'infinity' AND ${behindKey}`
      : sql`(order_key = 'infinity' OR ${behindKey})`
  return sql`WITH matching AS MATERIALIZED (
      SELECT t.id, ${key} AS order_key FROM tickets t ${join} ${needsClock && !isDue ? CLOCK : sql``}
      WHERE ${sql.join(common, sql` AND `)})
    SELECT id, order_key FROM matching ${shape.after === undefined ? sql`` : sql`WHERE ${after}`}
    ORDER BY ${late} order_key ${direction}, id ${direction} ${slice(shape)}`
}
