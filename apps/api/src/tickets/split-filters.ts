import { splitCommas } from '../shared/query.ts'

const LISTS = ['status', 'priority', 'category', 'assigned_to', 'created_by', 'team', 'sla'] as const
type Lists = { [K in (typeof LISTS)[number]]?: string[] | undefined }

/** A query of tickets whose filters may be repeated, separated by commas, or both. */
export function splitFilters<Q extends Lists>(query: Q): Q {
  return { ...query, ...Object.fromEntries(LISTS.map((name) => [name, splitCommas(query[name])])) }
}
