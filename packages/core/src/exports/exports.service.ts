import type { Readable } from 'node:stream'
import { type Database, exports, type Tx } from '@servicedesk/db'
import { emit } from '@servicedesk/jobs/emit'
import { and, eq, gt, isNull, or, sql } from 'drizzle-orm'
import type { ConfigurationCache } from '../config/configuration.ts'
import { meantFilter } from '../search/find-meant.ts'
import type { Actor } from '../shared/actor.ts'
import { conflict, DomainError, notFound } from '../shared/errors.ts'
import { type ListDeps, type PageRequest, pageOf } from '../shared/page.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { type ListQuery, resolveListQuery } from '../tickets/resolve-list-query.ts'
import { type ExportRow, type ExportView, exportView } from './export-view.ts'
import { createSlots } from './slots.ts'
import { ticketCsv } from './ticket-csv.ts'

/** Of the list's query what says which tickets; not their order, and no page. */
export type ExportFilters = Omit<ListQuery, 'sort' | 'page' | 'per_page' | 'cursor'>

/** How many clients of one process may read an export at once, and for how long. */
export interface ExportLimits {
  streams: number
  streamMs: number
}

const LIMITS: ExportLimits = { streams: 4, streamMs: 15 * 60_000 }

/** Tickets as files: streamed, or made by a job and kept for a day. */
export function createExportService(
  deps: ServiceDeps &
    ListDeps & {
      reports: Database
      configuration: ConfigurationCache
      exports?: Partial<ExportLimits> | undefined
    },
) {
  const { db, clock, configuration } = deps
  const limits = { ...LIMITS, ...deps.exports }
  const slots = createSlots(limits.streams)

  /** One's own whose time is not over. */
  const isOwn = (actor: Actor) =>
    and(
      eq(exports.requestedBy, actor.id),
      or(isNull(exports.expiresAt), gt(exports.expiresAt, clock.now())),
    ) ?? sql`false`

  async function find(actor: Actor, id: string): Promise<ExportRow> {
    const [row] = await db
      .select()
      .from(exports)
      .where(and(eq(exports.id, id), isOwn(actor)))
    if (row === undefined) throw notFound('Export')
    return row
  }

  return {
    /** Whether there is something to be made of the filters. @throws DomainError 400 naming the one that means nothing */
    async check(actor: Actor, filters: ExportFilters): Promise<void> {
      await resolveListQuery(configuration, actor, filters)
    },

    /**
     * The tickets that a list with these filters has, as CSV while it is read.
     * @throws DomainError 400 naming the filter, 503 while too many run
     */
    async stream(actor: Actor, filters: ExportFilters): Promise<Readable> {
      const { filter } = await resolveListQuery(configuration, actor, filters)
      const ready = await meantFilter(deps.reports, filter)
      return slots.take(() => ticketCsv(deps.reports, ready, limits.streamMs).stream)
    },

    /**
     * Asks for a file of the tickets that a list with these filters has when it is made.
     * @throws DomainError 400 naming the filter
     */
    async create(actor: Actor, filters: ExportFilters, outer?: Tx): Promise<ExportView> {
      await resolveListQuery(configuration, actor, filters).catch(asMemberOfFilters)
      return transact(
        deps,
        async (tx) => {
          const [row] = await tx
            .insert(exports)
            .values({
              id: sql`uuidv7()`,
              requestedBy: actor.id,
              filters: { ...filters },
              status: 'queued',
              createdAt: clock.now(),
            })
            .returning()
          if (row === undefined) throw new Error('insert returned no row')
          await emit(tx, 'export.make', { export_id: row.id })
          return exportView(row)
        },
        outer,
      )
    },

    /** One's own, newest first. @throws DomainError 400 for a page or cursor that does not fit */
    async list(actor: Actor, request: PageRequest) {
      const matching = sql`FROM exports WHERE ${isOwn(actor)}`
      const { rows, pagination } = await pageOf<ExportRow>(deps, request, {
        filter: { list: 'exports', user: actor.id },
        matching,
        placeOf: (row) => [row.id],
        rows: (limit, offset, after) =>
          db
            .select()
            .from(exports)
            .where(and(isOwn(actor), after === undefined ? undefined : sql`id < ${after[0]}::uuid`))
            .orderBy(sql`id DESC`)
            .limit(limit)
            .offset(offset),
      })
      return { exports: rows.map(exportView), pagination }
    },

    /** @throws DomainError 404 for another's, and for one whose time is over */
    get: async (actor: Actor, id: string): Promise<ExportView> => exportView(await find(actor, id)),

    /**
     * Where the file is.
     * @throws DomainError 404, or 409 while there is none
     */
    async openable(actor: Actor, id: string): Promise<{ store: string; key: string; bytes: number }> {
      const { status, reason, store, storageKey: key, bytes } = await find(actor, id)
      if (status === 'failed') throw conflict('export_failed', `The export has failed: ${reason}`)
      if (store === null || key === null || bytes === null) {
        throw conflict('export_not_ready', 'The file is still being made')
      }
      return { store, key, bytes }
    },
  }
}

/** In the body filters are members of `filters`. */
function asMemberOfFilters(error: unknown): never {
  if (!(error instanceof DomainError) || error.kind !== 'invalid') throw error
  const fields = error.fields.map(({ path, message }) => ({ path: `filters.${path}`, message }))
  throw new DomainError(error.kind, error.code, `filters.${error.message}`, { fields })
}
