import {
  type Configuration,
  type ConfigurationCache,
  type Named,
  requireNamed,
} from '../config/configuration.ts'
import { isStaff } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { invalid } from '../shared/errors.ts'
import { readInstant } from '../shared/instant.ts'
import type { ListRequest } from './list.ts'
import { TICKET_SORTS, type TicketSort } from './list-order.ts'
import { SLA_CONDITIONS, type TicketFilter } from './ticket-filter.ts'

/** A list's query as clients write it: names, `me` and `none`, `-created_at`. */
export interface ListQuery {
  status?: readonly string[] | undefined
  priority?: readonly string[] | undefined
  category?: readonly string[] | undefined
  assigned_to?: readonly string[] | undefined
  created_by?: readonly string[] | undefined
  team?: readonly string[] | undefined
  sla?: readonly string[] | undefined
  created_after?: string | undefined
  created_before?: string | undefined
  q?: string | undefined
  sort?: string | undefined
  page?: number | undefined
  per_page?: number | undefined
  cursor?: string | undefined
}

const DEFAULT_PER_PAGE = 10
/** Filters of several values. */
const LISTS = ['status', 'priority', 'category', 'assigned_to', 'created_by', 'team', 'sla'] as const
const MOST_VALUES = 100
const LONGEST_VALUE = 200

/**
 * Turns names into ids and adds what the caller may see.
 * @throws DomainError 400 naming the member
 */
export async function resolveListQuery(
  cache: ConfigurationCache,
  actor: Actor,
  query: ListQuery,
): Promise<ListRequest> {
  for (const name of LISTS) refuseEndless(name, query[name])
  const configuration = await cache.get()
  return {
    filter: { ...namedFilters(configuration, query), ...peopleFilters(actor, query), ...plainFilters(query) },
    sort: query.sort === undefined ? undefined : parseSort(query.sort),
    page: query.page,
    perPage: query.per_page ?? DEFAULT_PER_PAGE,
    cursor: query.cursor,
  }
}

function refuseEndless(path: string, values: readonly string[] = []): void {
  if (values.length > MOST_VALUES) throw invalid(path, `has at most ${MOST_VALUES} values`)
  if (values.some((value) => value.length > LONGEST_VALUE)) {
    throw invalid(path, `a value has at most ${LONGEST_VALUE} characters`)
  }
}

function namedFilters(configuration: Configuration, query: ListQuery): TicketFilter {
  const ids = (rows: readonly Named[], names: readonly string[] | undefined, path: string) =>
    names === undefined ? undefined : idText(names.map((name) => requireNamed(rows, name, path).id))
  const teams = configuration.teams.map((team) => ({
    ...team,
    slug: team.name.toLowerCase().replace(/\s+/g, '_'),
  }))
  return withoutUndefined({
    statusIds: ids(configuration.statuses, query.status, 'status'),
    priorityIds: ids(configuration.priorities, query.priority, 'priority'),
    categoryIds: ids(configuration.categories, query.category, 'category'),
    teamIds: ids(teams, query.team, 'team'),
  })
}

function peopleFilters(actor: Actor, query: ListQuery): TicketFilter {
  const people = (values: readonly string[] | undefined, path: string) =>
    values?.map((value) => (value === 'me' ? actor.id : userId(value, path)))
  const named = query.assigned_to?.filter((value) => value !== 'none')
  const assigned = people(named, 'assigned_to')
  const createdBy = people(query.created_by, 'created_by')
  return withoutUndefined({
    assignedTo: assigned?.length ? idText(assigned) : undefined,
    assignedNone: query.assigned_to?.includes('none') ? true : undefined,
    createdBy: createdBy === undefined ? undefined : idText(createdBy),
    visibleTo: isStaff(actor.role) ? undefined : actor.id,
  })
}

function plainFilters(query: ListQuery): TicketFilter {
  const q = query.q?.trim()
  const [, prefix, number] = /^(TKT-)?([1-9]\d{0,14})$/i.exec(q ?? '') ?? []
  return withoutUndefined({
    sla: slaStates(query.sla),
    createdAfter: instant(query.created_after, 'created_after'),
    createdBefore: instant(query.created_before, 'created_before'),
    ticketId: number === undefined ? undefined : Number(number),
    // A bare number may be one that somebody wrote.
    q: q && prefix === undefined ? q : undefined,
  })
}

function slaStates(names: readonly string[] | undefined): string | undefined {
  for (const name of names ?? []) {
    if (!Object.hasOwn(SLA_CONDITIONS, name))
      throw invalid('sla', `is one of ${Object.keys(SLA_CONDITIONS).join(', ')}`)
  }
  return names?.length ? [...new Set(names)].sort().join(',') : undefined
}

/** Sorted and without repeats, so that equal filters have equal text. */
function idText(ids: readonly number[]): string {
  return [...new Set(ids)].sort((a, b) => a - b).join(',')
}

function userId(value: string, path: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw invalid(path, 'must be a user id, me or none')
  return Number(value)
}

function instant(value: string | undefined, path: string): string | undefined {
  return value === undefined ? undefined : readInstant(value, path).toISOString()
}

function parseSort(text: string): { key: TicketSort; descending: boolean } {
  const descending = text.startsWith('-')
  const key = TICKET_SORTS.find((sort) => sort === text.replace(/^[-+]/, ''))
  if (key === undefined)
    throw invalid('sort', `must be one of ${TICKET_SORTS.join(', ')}, with - for descending`)
  return { key, descending }
}

function withoutUndefined(filter: { [K in keyof TicketFilter]: TicketFilter[K] | undefined }): TicketFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined))
}
