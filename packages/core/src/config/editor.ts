import { isDeepStrictEqual } from 'node:util'
import { auditLog, type Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import { notFound } from '../shared/errors.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { type Configuration, type ConfigurationCache, readConfiguration } from './configuration.ts'

const CONFIGURATION_LOCK = 7_301_006

export type EditorDeps = ServiceDeps & { configuration: ConfigurationCache }

/** What an edit works with: nobody else edits while it runs, so what it reads here holds until it commits. */
export interface Edit {
  tx: Tx
  current: Configuration
  now: Date
}

/** A kind of row that admins keep. */
export interface EntityKind<View extends { id: number }> {
  /** In the audit log: `sla_policy`. */
  entity: string
  /** For people: `SLA policy`. */
  title: string
  /** All of them, as the API shows them. */
  views(configuration: Configuration): View[]
}

/**
 * Reads and edits one kind of the configuration's rows. Every edit is one transaction, alone under the configuration's
 * lock, with an entry in the audit log if it changed what is shown; whoever made it sees it at once.
 */
export function createEditor<View extends { id: number }>(deps: EditorDeps, kind: EntityKind<View>) {
  const { configuration } = deps
  const find = (from: Configuration, id: number) => kind.views(from).find((view) => view.id === id)

  function require(from: Configuration, id: number): View {
    const view = find(from, id)
    if (view === undefined) throw notFound(kind.title)
    return view
  }

  async function edit<R>(
    actor: Actor,
    action: 'create' | 'update' | 'delete',
    work: (
      edit: Edit,
    ) => Promise<{ id: number; before: View | undefined; result: (after: Configuration) => R }>,
    outer?: Tx,
  ): Promise<R> {
    try {
      return await transact(
        deps,
        async (tx) => {
          await tx.execute(sql`SELECT pg_advisory_xact_lock(${CONFIGURATION_LOCK})`)
          const now = deps.clock.now()
          const current = await configuration.get({ fresh: true, within: tx })
          const { id, before, result } = await work({ tx, current, now })
          // Not through the cache: nothing of this is committed yet.
          const changed = await readConfiguration(tx, current)
          const data = difference(before, find(changed, id))
          if (data !== null) {
            await tx.insert(auditLog).values({
              actorId: actor.id,
              action,
              entity: kind.entity,
              entityId: String(id),
              data,
              createdAt: now,
            })
          }
          return result(changed)
        },
        outer,
      )
    } finally {
      configuration.invalidate()
    }
  }

  return {
    async list(): Promise<View[]> {
      return kind.views(await configuration.get())
    },

    /** @throws DomainError 404 */
    async get(id: number): Promise<View> {
      return find(await configuration.get(), id) ?? require(await configuration.get({ fresh: true }), id)
    },

    /** @param work makes the row and answers its id */
    create(actor: Actor, work: (edit: Edit) => Promise<number>, outer?: Tx): Promise<View> {
      return edit(
        actor,
        'create',
        async (given) => {
          const id = await work(given)
          return { id, before: undefined, result: (after) => require(after, id) }
        },
        outer,
      )
    },

    /** @throws DomainError 404, and what `work` throws */
    update(actor: Actor, id: number, work: (edit: Edit) => Promise<void>, outer?: Tx): Promise<View> {
      return edit(
        actor,
        'update',
        async (given) => {
          const before = require(given.current, id)
          await work(given)
          return { id, before, result: (after) => require(after, id) }
        },
        outer,
      )
    },

    /** @throws DomainError 404, and what `work` throws */
    remove(actor: Actor, id: number, work: (edit: Edit) => Promise<void>): Promise<void> {
      return edit(actor, 'delete', async (given) => {
        const before = require(given.current, id)
        await work(given)
        return { id, before, result: () => undefined }
      })
    },
  }
}

/** What an edit changed: the whole of what came or went, else the members that differ; null for nothing. */
function difference(before: object | undefined, after: object | undefined): Record<string, unknown> | null {
  if (before === undefined || after === undefined) return { ...before, ...after }
  const was: Record<string, unknown> = { ...before }
  const changed = Object.entries(after).filter(([name, value]) => !isDeepStrictEqual(value, was[name]))
  if (changed.length === 0) return null
  return {
    before: Object.fromEntries(changed.map(([name]) => [name, was[name]])),
    after: Object.fromEntries(changed),
  }
}
