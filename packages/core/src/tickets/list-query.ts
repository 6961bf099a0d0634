import { defineStatement, type Row, type Statement } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { selectTicketRows, type TicketRow } from './ticket-view.ts'

export const TICKET_SORTS = ['created_at', 'updated_at', 'priority', 'due_at'] as const
export type TicketSort = (typeof TICKET_SORTS)[number]

/** The filters of a list, resolved to ids; absent members do not filter. */
export interface TicketFilter {
  /** Comma-separated ids. */
  statusIds?: string
  priorityIds?: string
  categoryIds?: string
  /** Comma-separated user ids; `assignedNone` adds those without. */
  assignedTo?: string
  assignedNone?: boolean
  createdBy?: string
  teamIds?: string
  /** Names of {@link SLA_CONDITIONS}, in order, with commas. */
  sla?: string
  createdAfter?: string
  createdBefore?: string
  /** Full text. */
  q?: string
  /** `TKT-…` typed into the search. */
  ticketId?: number
  /** Only tickets that this requester created or watches. */
  visibleTo?: number
}

export type OrderKey = TicketSort | 'rank'

/** Which tickets, in which order, and where a page starts. */
export interface ListShape {
  filter: TicketFilter
  sort: OrderKey
  descending: boolean
  /** Continue behind this row (keyset), or from an offset. */
  after?: { key: string | null; id: number }
}

const p = sql.placeholder
const idList = (name: string) => sql`ANY (string_to_array(${p(name)}, ',')::bigint[])`
const CLOCK = sql`LEFT JOIN sla_clocks k ON k.ticket_id = t.id AND k.metric = 'resolution'`

const CONDITIONS: Record<Exclude<keyof TicketFilter, 'assignedNone' | 'sla'>, SQL> = {
  statusIds: sql`t.status_id = ${idList('statusIds')}`,
  priorityIds: sql`t.priority_id = ${idList('priorityIds')}`,
  categoryIds: sql`t.category_id = ${idList('categoryIds')}`,
  assignedTo: sql`t.assigned_to = ${idList('assignedTo')}`,
  createdBy: sql`t.created_by = ${idList('createdBy')}`,
  teamIds: sql`t.team_id = ${idList('teamIds')}`,
  createdAfter: sql`t.created_at >= ${p('createdAfter')}::timestamptz`,
  createdBefore: sql`t.created_at < ${p('createdBefore')}::timestamptz`,
  q: sql`t.search @@ websearch_to_tsquery('english', ${p('q')})`,
  ticketId: sql`t.id = ${p('ticketId')}::bigint`,
  visibleTo: sql`(t.created_by = ${p('visibleTo')}::bigint OR EXISTS (
    SELECT 1 FROM ticket_watchers w WHERE w.ticket_id = t.id AND w.user_id = ${p('visibleTo')}::bigint))`,
}

/** How the promise for resolution stands. */
export const SLA_CONDITIONS: Readonly<Record<string, SQL>> = {
  violated: sql`k.breached_at IS NOT NULL`,
  at_risk: sql`k.warned_at IS NOT NULL AND k.breached_at IS NULL AND k.state <> 'stopped'`,
  ok: sql`k.breached_at IS NULL AND (k.warned_at IS NULL OR k.state = 'stopped')`,
}

/** The sort key as an expression, and the type that a cursor casts it back to. */
const KEYS: Record<OrderKey, { expression: SQL; type: SQL }> = {
  created_at: { expression: sql`t.created_at`, type: sql`timestamptz` },
  updated_at: { expression: sql`t.updated_at`, type: sql`timestamptz` },
  priority: { expression: sql`pr.rank`, type: sql`int` },
  due_at: { expression: sql`coalesce(k.due_at, 'infinity')`, type: sql`timestamptz` },
  rank: { expression: sql`ts_rank(t.search, websearch_to_tsquery('english', ${p('q')}))`, type: sql`real` },
}

function fromAndWhere(shape: Pick<ListShape, 'filter'> & { sort?: OrderKey }): SQL {
  const { filter } = shape
  const conditions: SQL[] = [sql`t.deleted_at IS NULL`]
  for (const [name, condition] of Object.entries(CONDITIONS)) {
    if (name === 'assignedTo' && filter.assignedNone) continue
    if (filter[name as keyof TicketFilter] !== undefined) conditions.push(condition)
  }
  if (filter.assignedNone) {
    conditions.push(
      filter.assignedTo === undefined
        ? sql`t.assigned_to IS NULL`
        : sql`(t.assigned_to IS NULL OR ${CONDITIONS.assignedTo})`,
    )
  }
  const states = filter.sla?.split(',').flatMap((name) => SLA_CONDITIONS[name] ?? [])
  if (states !== undefined) conditions.push(sql`(${sql.join(states, sql` OR `)})`)
  const needsClock = filter.sla !== undefined || shape.sort === 'due_at'
  return sql`FROM tickets t ${needsClock ? CLOCK : sql``}
    ${shape.sort === 'priority' ? sql`JOIN priorities pr ON pr.id = t.priority_id` : sql``}
    WHERE ${sql.join(conditions, sql` AND `)}`
}

/** What distinguishes one SQL text from another: which members are there, not their values. */
function shapeKey(shape: Partial<ListShape> & Pick<ListShape, 'filter'>): string {
  const names = Object.entries(shape.filter)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (name === 'sla' ? `sla:${value}` : name))
  return [...names.sort(), shape.sort, shape.descending, shape.after !== undefined].join('|')
}

/** The values of the placeholders that a shape uses. */
function valuesOf(filter: TicketFilter): Row {
  const { sla: _sla, assignedNone: _none, ...values } = filter
  return values
}

const lists = new Map<string, Statement<Row, TicketRow & { sort_key: string }>>()
const counts = new Map<string, Statement<Row, { rows: number }>>()
const estimates = new Map<string, Statement<Row, Plan>>()

/** One page of tickets: prepared once per shape of filter, sort and paging. */
export function listStatement(shape: ListShape): {
  run: Statement<Row, TicketRow & { sort_key: string }>
  values: Row
} {
  const run = cached(lists, shapeKey(shape), 'list_tickets', () => listSql(shape))
  const after = shape.after === undefined ? {} : { afterKey: shape.after.key, afterId: shape.after.id }
  return { run, values: { ...valuesOf(shape.filter), ...after } }
}

function listSql(shape: ListShape): SQL {
  const { expression, type } = KEYS[shape.sort]
  const direction = shape.descending ? sql`DESC` : sql`ASC`
  const behind = sql`(${expression}, t.id) ${shape.descending ? sql`<` : sql`>`} (${p('afterKey')}::${type}, ${p('afterId')}::bigint)`
  const page = sql`
    SELECT t.*, (${expression})::text AS sort_key, ${expression} AS order_key
    ${fromAndWhere(shape)} ${shape.after === undefined ? sql`` : sql`AND ${behind}`}
    ORDER BY ${expression} ${direction}, t.id ${direction}
    LIMIT ${p('limit')}::int OFFSET ${p('offset')}::int`
  return selectTicketRows(page, sql`t.order_key ${direction}, t.id ${direction}`)
}

function cached<R extends Row>(
  map: Map<string, Statement<Row, R>>,
  key: string,
  name: string,
  build: () => SQL,
) {
  let statement = map.get(key)
  if (statement === undefined) {
    statement = defineStatement<Row, R>(name, build())
    map.set(key, statement)
  }
  return statement
}

/** Counts matching tickets, but no further than `cap`. */
export function countStatement(filter: TicketFilter): { run: Statement<Row, { rows: number }>; values: Row } {
  const build = () =>
    sql`SELECT count(*)::int AS rows FROM (SELECT 1 ${fromAndWhere({ filter })} LIMIT ${p('cap')}::int) c`
  return { run: cached(counts, shapeKey({ filter }), 'count_tickets', build), values: valuesOf(filter) }
}

interface Plan extends Row {
  'QUERY PLAN': { Plan: { 'Plan Rows': number } }[]
}

/** The planner's guess of how many match. */
export function estimateStatement(filter: TicketFilter): { run: Statement<Row, Plan>; values: Row } {
  const build = () => sql`EXPLAIN (FORMAT JSON) SELECT 1 ${fromAndWhere({ filter })}`
  return { run: cached(estimates, shapeKey({ filter }), 'estimate_tickets', build), values: valuesOf(filter) }
}
