import { type SQL, sql } from 'drizzle-orm'

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
  /** Full text, as it was typed. */
  q?: string
  /** `TKT-…` typed into the search; beside `q`, a bare number that may be a ticket's or a word. */
  ticketId?: number
  /** Only tickets that this requester created or watches, and only what requesters may read of them. */
  visibleTo?: number
}

/** A filter whose text is parsed: what a statement needs. */
export interface ReadyFilter extends TicketFilter {
  /** What `q` means as a `tsquery`. */
  tsquery?: string
  /** What the index is asked for instead. */
  indexQuery?: string
  /** Comma-separated ids of all that match `q`, once they are known. */
  among?: string
}

/** How a statement gets its values: by placeholders when it is prepared, else themselves. */
export type ValueOf = (name: string) => unknown

/** How the promise for resolution stands. */
export const SLA_CONDITIONS: Readonly<Record<string, SQL>> = {
  violated: sql`k.breached_at IS NOT NULL`,
  at_risk: sql`k.warned_at IS NOT NULL AND k.breached_at IS NULL AND k.state <> 'stopped'`,
  ok: sql`k.breached_at IS NULL AND (k.warned_at IS NULL OR k.state = 'stopped')`,
}

/** Filters by a list of ids, with their columns; those that leave fewest come first. */
const ID_FILTERS = {
  assignedTo: sql`t.assigned_to`,
  createdBy: sql`t.created_by`,
  statusIds: sql`t.status_id`,
  teamIds: sql`t.team_id`,
  categoryIds: sql`t.category_id`,
  priorityIds: sql`t.priority_id`,
} as const
const ID_FILTER_NAMES = Object.keys(ID_FILTERS) as (keyof typeof ID_FILTERS)[]
/** A list is merged of at most so many reads, each in order by its own index. */
const MOST_BRANCHES = 12

/** What every branch must fulfil, and the branches: each ticket that matches is in exactly one. */
export interface Selection {
  common: SQL[]
  branches: SQL[][]
  /** Whether conditions name the resolution clock `k`. */
  needsClock: boolean
}

/**
 * Splits a filter into branches that an index can read in the order of the list: one for each value of a filter that has
 * several, because PostgreSQL reads no index in order for `= ANY`.
 * @param how `isWhole` when all that match are wanted, and not the first of them
 */
export function selectionOf(
  filter: ReadyFilter,
  bound: ValueOf,
  how: { mayBranch?: boolean; isWhole?: boolean } = {},
): Selection {
  const selection: Selection = {
    common: [sql`t.deleted_at IS NULL`],
    branches: [[]],
    needsClock: filter.sla !== undefined,
  }
  const families = [...idFamilies(filter, bound), visibleFamily(filter, bound)]
  for (const { ways, together } of families) {
    if (how.mayBranch && ways.length > 1 && ways.length * selection.branches.length <= MOST_BRANCHES) {
      selection.branches = selection.branches.flatMap((branch) => ways.map((way) => [...branch, way]))
    } else if (ways.length > 0) {
      selection.common.push(together)
    }
  }
  const text = textCondition(filter, bound, how.isWhole === true)
  if (text !== undefined) selection.common.push(text)
  const states = filter.sla?.split(',').flatMap((name) => SLA_CONDITIONS[name] ?? [])
  if (states !== undefined) selection.common.push(sql`(${sql.join(states, sql` OR `)})`)
  if (filter.createdAfter !== undefined) {
    selection.common.push(sql`t.created_at >= ${bound('createdAfter')}::timestamptz`)
  }
  if (filter.createdBefore !== undefined) {
    selection.common.push(sql`t.created_at < ${bound('createdBefore')}::timestamptz`)
  }
  return selection
}

/** A filter as conditions of which a ticket fulfils at most one, and as one condition. */
interface Family {
  ways: SQL[]
  together: SQL
}

function idFamilies(filter: TicketFilter, bound: ValueOf): Family[] {
  return ID_FILTER_NAMES.map((name) => {
    const column = ID_FILTERS[name]
    const ids = idsOf(filter, name)
    const ways = ids.map((_, n) => sql`${column} = ${bound(`${name}${n}`)}::bigint`)
    const among = sql`${column} = ANY (string_to_array(${bound(name)}::text, ',')::bigint[])`
    const isNone = name === 'assignedTo' && filter.assignedNone === true
    if (isNone) ways.push(sql`${column} IS NULL`)
    const [only] = ways
    if (only !== undefined && ways.length === 1) return { ways, together: only }
    return { ways, together: isNone ? sql`(${column} IS NULL OR ${among})` : among }
  })
}

const idsOf = (filter: TicketFilter, name: keyof typeof ID_FILTERS) => filter[name]?.split(',') ?? []

/** A requester's own, and those that others made and this one watches. */
function visibleFamily(filter: TicketFilter, bound: ValueOf): Family {
  if (filter.visibleTo === undefined) return { ways: [], together: sql`true` }
  const who = sql`${bound('visibleTo')}::bigint`
  const watched = sql`SELECT w.ticket_id FROM ticket_watchers w WHERE w.user_id = ${who}`
  return {
    ways: [sql`t.created_by = ${who}`, sql`t.id IN (${watched}) AND t.created_by <> ${who}`],
    // Not an OR, for which the whole table would be read.
    together: sql`t.id IN (SELECT own.id FROM tickets own WHERE own.created_by = ${who} UNION ${watched})`,
  }
}

/**
 * What is written in a ticket, or its number. A scalar subquery is asked ticket by ticket, as a page needs it; where all that
 * match are read, the index of words finds them at once.
 */
function textCondition(filter: ReadyFilter, bound: ValueOf, isWhole: boolean): SQL | undefined {
  if (filter.among !== undefined)
    return sql`t.id = ANY (string_to_array(${bound('among')}::text, ',')::bigint[])`
  const number = sql`t.id = ${bound('ticketId')}::bigint`
  if (filter.q === undefined) return filter.ticketId === undefined ? undefined : number
  const match = textMatch(filter, bound)
  const matches = isWhole
    ? sql`t.id IN (SELECT s.ticket_id FROM ticket_search s WHERE ${indexMatch(filter, bound)} AND ${match})`
    : sql`(SELECT ${match} FROM ticket_search s WHERE s.ticket_id = t.id)`
  return filter.ticketId === undefined ? matches : sql`(${number} OR ${matches})`
}

/** Whether the row `s` of `ticket_search` has the words: in notes too for staff, in what is public for requesters. */
export function textMatch(filter: ReadyFilter, bound: ValueOf): SQL {
  return sql`${readableWords(filter)} @@ ${bound('tsquery')}::tsquery`
}

/** The same asked of the index, which finds that and maybe more; `block` is a condition that it knows too. */
export function indexMatch(filter: ReadyFilter, bound: ValueOf, block: SQL = sql``): SQL {
  const asked = sql`${bound('indexQuery')}::tsquery`
  const words = sql`(s.words @@ ${asked} ${block})`
  return filter.visibleTo === undefined ? sql`(${words} OR (s.internal @@ ${asked} ${block}))` : words
}

/** What the caller may read of the row `s` of `ticket_search`; the only place that decides it. */
export function readableWords(filter: TicketFilter): SQL {
  return filter.visibleTo === undefined ? sql`coalesce(s.internal, s.words)` : sql`s.words`
}

/** A search's filters beside what was typed. */
export function otherFilters(filter: ReadyFilter): TicketFilter {
  const { q: _q, ticketId: _ticketId, tsquery: _tsquery, indexQuery: _indexQuery, ...others } = filter
  return others
}

/** The values that a selection's conditions name. */
export function valuesOf(filter: ReadyFilter): Record<string, unknown> {
  const { sla: _sla, assignedNone: _none, q: _q, ...values } = filter
  const single = ID_FILTER_NAMES.flatMap((name) => idsOf(filter, name).map((id, n) => [`${name}${n}`, id]))
  return { ...values, ...Object.fromEntries(single) }
}

/** What distinguishes the SQL of one filter from another's: which members are there and how many values they have. */
export function shapeOf(filter: TicketFilter): string {
  const names = Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      if (name === 'sla') return `sla:${value}`
      return name in ID_FILTERS ? `${name}:${String(value).split(',').length}` : name
    })
  return names.sort().join('|')
}

/** How many filters there are, those by time together as one. */
export function filterCount(filter: TicketFilter): number {
  const { createdAfter, createdBefore, assignedTo, assignedNone, ...rest } = filter
  const isThere = (...values: unknown[]) => (values.some((value) => value !== undefined) ? 1 : 0)
  return Object.values(rest).length + isThere(createdAfter, createdBefore) + isThere(assignedTo, assignedNone)
}
