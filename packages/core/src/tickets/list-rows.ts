import { type Database, defineStatement, type Row, type Statement } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { planned } from '../shared/planned.ts'
import {
  gatheredPage,
  type ListShape,
  NO_DUE_TIME,
  orderedPage,
  walkedPage,
  withoutDueTime,
} from './list-order.ts'
import { filterCount, shapeOf, type ValueOf, valuesOf } from './ticket-filter.ts'
import { LISTED_CLOCKS, type ListedTicket, selectTicketRows } from './ticket-rows.ts'

export type ListedRow = ListedTicket & { sort_key: string }
/** Where a ticket stands in a list. */
export interface Place extends Row {
  id: number
  sort_key: string
}

/** The most statements that are kept; there are as many as ways to ask. */
const MOST_STATEMENTS = 500
/** So few are gathered and sorted, whatever the order: an index in that order may have to be read to its end for them. */
const FEW = 2_000
/** The same for orders that no filter has an index in. */
const FEW_WITHOUT_INDEX = 30_000
/** And for a span of time in another order, which follows it. */
const FEW_OF_A_SPAN = 150_000
/** The same from the far end, where an index would be read through all that lies outside of the span first. */
const FEW_FROM_AFAR = 500_000
/** So far an index in the order of the list is followed first, which most often fills a page of what is not rare. */
const WALK = 5_000

/**
 * Whether one plan serves every value of the filters: one filter at most, whose own index has the order of the list. Then
 * the statement is prepared and not planned again.
 */
export function hasOnePlan({ filter, sort, offset }: ListShape): boolean {
  return offset === 0 && filterCount(filter) <= (sort === 'created_at' && filter.sla === undefined ? 1 : 0)
}

/** The rows of a page that {@link hasOnePlan}. */
export function createPreparedLister() {
  const statements = new Map<string, Statement<Row, ListedRow>>()
  return async (db: Database, shape: ListShape): Promise<ListedRow[]> => {
    const { filter, sort, descending, after, limit } = shape
    const key = [
      shapeOf(filter),
      sort,
      descending,
      after?.key === NO_DUE_TIME ? 'late' : after !== undefined,
      limit,
    ]
    const name = key.join('/')
    let statement = statements.get(name)
    if (statement === undefined) {
      if (statements.size >= MOST_STATEMENTS) statements.clear()
      const direction = descending ? sql`DESC` : sql`ASC`
      const page = sql`SELECT page.*, page.order_key::text AS sort_key
        FROM (${orderedPage(shape, sql.placeholder, sql`t.*`)}) page`
      statement = defineStatement(
        'list_tickets',
        selectTicketRows(page, sql`t.order_key ${direction}, t.id ${direction}`, LISTED_CLOCKS),
      )
      statements.set(name, statement)
    }
    const rows = await statement.run(db, valuesOfShape(shape))
    return rows.length < limit && isDueOrder(shape)
      ? [...rows, ...(await lateRows(db, shape, rows.length))]
      : rows
  }
}

/** The places of a page, planned for its values. @param matching about how many tickets match */
export async function findPlaces(db: Database, shape: ListShape, matching: number): Promise<Place[]> {
  const values = valuesOfShape(shape)
  const bound: ValueOf = (name) => values[name]
  const isFew = matching <= fewOf(shape)
  if (isWalkedFirst(shape, matching)) {
    const walked = await runPlaces(db, walkedPage(shape, bound, WALK), shape)
    if (walked.length === shape.limit) return walked
  }
  const page = isFew ? gatheredPage(shape, bound) : orderedPage(shape, bound, sql`t.id`)
  const places = await runPlaces(db, page, shape)
  if (isFew || places.length === shape.limit || !isDueOrder(shape)) return places
  return [...places, ...(await latePlaces(db, shape, places.length))]
}

/** Not where every filter has an index in the order of the list, nor where each row's words would have to be looked at. */
function isWalkedFirst({ filter, sort, after }: ListShape, matching: number): boolean {
  return matching > FEW && sort !== 'created_at' && filter.q === undefined && after?.key !== NO_DUE_TIME
}

function fewOf({ filter, sort, descending }: ListShape): number {
  if (sort === 'created_at') return FEW
  const { createdAfter, createdBefore } = filter
  if ((createdAfter === undefined && createdBefore === undefined) || sort === 'priority')
    return FEW_WITHOUT_INDEX
  const isFromAfar = descending ? createdBefore !== undefined : createdAfter !== undefined
  return isFromAfar ? FEW_FROM_AFAR : FEW_OF_A_SPAN
}

const isDueOrder = ({ sort, after }: ListShape) => sort === 'due_at' && after?.key !== NO_DUE_TIME

function valuesOfShape({ filter, after }: ListShape): Row {
  return { ...valuesOf(filter), ...(after === undefined ? {} : { afterKey: after.key, afterId: after.id }) }
}

function runPlaces(db: Database, page: SQL, { descending }: ListShape): Promise<Place[]> {
  const direction = descending ? sql`DESC` : sql`ASC`
  // In the order of the page, which those without a due time end.
  return planned(db, (tx) =>
    tx.execute<Place>(sql`SELECT page.id, page.order_key::text AS sort_key FROM (${page}) page
      ORDER BY page.order_key::text = 'infinity', page.order_key ${direction}, page.id ${direction}`),
  )
}

/** What follows the last ticket with a due time, of which the page has `shown`. */
async function latePlaces(db: Database, shape: ListShape, shown: number): Promise<Place[]> {
  const values = valuesOfShape(shape)
  const bound: ValueOf = (name) => values[name]
  let skipped = 0
  if (shape.offset > 0 && shown === 0) {
    const all = { ...shape, limit: shape.offset, offset: 0 }
    skipped = shape.offset - (await runPlaces(db, orderedPage(all, bound, sql`t.id`), shape)).length
  }
  const rest = { ...shape, after: undefined, limit: shape.limit - shown, offset: skipped }
  return runPlaces(db, withoutDueTime(rest, bound, sql`t.id`), shape)
}

async function lateRows(db: Database, shape: ListShape, shown: number): Promise<ListedRow[]> {
  return listPlaces(db, await latePlaces(db, shape, shown))
}

const rowsOfPlaces = defineStatement<{ ids: string; keys: string }, ListedRow>(
  'list_tickets_at',
  selectTicketRows(
    sql`SELECT t.*, place.sort_key, place.n
      FROM unnest(string_to_array(${sql.placeholder('ids')}::text, ',')::bigint[],
        string_to_array(${sql.placeholder('keys')}::text, ',')) WITH ORDINALITY place(id, sort_key, n)
      JOIN tickets t ON t.id = place.id`,
    sql`t.n`,
    LISTED_CLOCKS,
  ),
)

/** The tickets at these places, in their order. */
export async function listPlaces(db: Database, places: readonly Place[]): Promise<ListedRow[]> {
  if (places.length === 0) return []
  const [ids, keys] = [places.map(({ id }) => id).join(','), places.map(({ sort_key }) => sort_key).join(',')]
  return rowsOfPlaces.run(db, { ids, keys })
}
