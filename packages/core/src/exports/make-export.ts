import { type Database, exports, type Publish, users } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import type { ConfigurationCache } from '../config/configuration.ts'
import { isSupervisor, type RoleName } from '../policy/roles.ts'
import { meantFilter } from '../search/find-meant.ts'
import { DomainError } from '../shared/errors.ts'
import type { Stores } from '../shared/ports.ts'
import { resolveListQuery } from '../tickets/resolve-list-query.ts'
import type { ReadyFilter } from '../tickets/ticket-filter.ts'
import { newExportKey } from './export-keys.ts'
import type { ExportFilters } from './exports.service.ts'
import { followProgress } from './progress.ts'
import type { ExportOutcome } from './record-export.ts'
import { ticketCsv } from './ticket-csv.ts'

export interface ExportPorts {
  /** Where tickets are read. */
  reports: Database
  configuration: ConfigurationCache
  stores: Stores
  publish?: Publish | undefined
}

/** A file that takes longer is given up. */
const MAX_MS = 60 * 60_000

/**
 * Writes an export's file into the store, of what its asker may see now. Nothing of it is recorded but its progress.
 * @returns null when there is nothing to be done any more
 */
export async function makeExport(
  db: Database,
  ports: ExportPorts,
  id: string,
): Promise<ExportOutcome | null> {
  const [row] = await db
    .select({ asked: exports, asker: users })
    .from(exports)
    .innerJoin(users, eq(users.id, exports.requestedBy))
    .where(eq(exports.id, id))
  if (row === undefined || !['queued', 'running'].includes(row.asked.status)) return null
  const { asked, asker } = row
  const role = asker.role as RoleName
  if (!asker.isActive || !isSupervisor(role)) {
    return { status: 'failed', reason: 'Who asked for it may not export any more' }
  }
  const actor = { id: asker.id, name: asker.name, email: asker.email, role, sessionId: '' }
  try {
    const { filter } = await resolveListQuery(ports.configuration, actor, asked.filters as ExportFilters)
    const ready = await meantFilter(ports.reports, filter)
    return await store(db, ports, { id, userId: asker.id }, ready)
  } catch (error) {
    // What a filter names may have gone since.
    if (error instanceof DomainError && error.kind === 'invalid') {
      return { status: 'failed', reason: error.message }
    }
    throw error
  }
}

async function store(
  db: Database,
  { reports, stores, publish }: ExportPorts,
  made: { id: string; userId: number },
  filter: ReadyFilter,
): Promise<ExportOutcome> {
  const csv = ticketCsv(reports, filter, MAX_MS)
  const progress = await followProgress({ db, reports, publish }, made, filter, csv.rows)
  const storageKey = newExportKey()
  try {
    const { bytes } = await stores.of(stores.current).put(storageKey, csv.stream)
    return { status: 'ready', rows: csv.rows(), bytes, store: stores.current, storageKey }
  } finally {
    csv.stream.destroy()
    await progress.stop()
  }
}

/** Removes what a try has stored that nobody will know of. */
export async function discardExport(stores: Stores, outcome: ExportOutcome): Promise<void> {
  if (outcome.status === 'ready') await stores.of(outcome.store).remove(outcome.storageKey)
}
