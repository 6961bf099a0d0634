import { alerts, type Database, defineStatement, exports, users } from '@servicedesk/db'
import { and, eq, gt, inArray, ne, or, sql } from 'drizzle-orm'
import { alertView } from '../alerts/alerts.service.ts'
import { isForRequester } from '../alerts/readable.ts'
import { exportView } from '../exports/export-view.ts'
import { canSeeInternal, canSeeTicket } from '../policy/policy.ts'
import type { RoleName } from '../policy/roles.ts'
import type { Actor } from '../shared/actor.ts'
import { notFound } from '../shared/errors.ts'
import type { Clock } from '../shared/ports.ts'
import { eventsBehind, eventsNamed } from './feed-events.ts'

/** Where a reader of a ticket's log begins. */
export interface FeedStart {
  /** The `seq` of the log, internal events counted, behind which there is something to be read. */
  position: number
  /** The newest event's place in the log. */
  newest: number
  /** The newest event's number as the reader counts them. */
  seq: number
}

const start = defineStatement<
  { ticketId: number; viewer: number; after: number },
  {
    event_seq: number
    public_seq: number
    created_by: number
    is_watcher: boolean
    is_deleted: boolean
    /** The place in the log of the public event numbered `after`. */
    after_public: number | null
  }
>(
  'feed_start',
  sql`SELECT t.event_seq, t.public_seq, t.created_by, t.deleted_at IS NOT NULL AS is_deleted,
      EXISTS (SELECT 1 FROM ticket_watchers w WHERE w.ticket_id = t.id
        AND w.user_id = ${sql.placeholder('viewer')}::bigint) AS is_watcher,
      (SELECT e.seq FROM ticket_events e WHERE e.ticket_id = t.id
        AND e.public_seq = ${sql.placeholder('after')}::int) AS after_public
    FROM tickets t WHERE t.id = ${sql.placeholder('ticketId')}::bigint`,
)

const live = defineStatement<
  { ids: string; now: string },
  { sessionId: string; id: number; name: string; email: string; role: string }
>(
  'live_actors',
  sql`SELECT s.id AS "sessionId", u.id, u.name, u.email, u.role
    FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = ANY (string_to_array(${sql.placeholder('ids')}, ',')::uuid[]) AND s.revoked_at IS NULL
      AND s.expires_at > ${sql.placeholder('now')}::timestamptz AND u.is_active`,
)

const MOST_RECENT = 1_000

/** What those who look on need: the logs of tickets, and who may still read them. All of it is as of now. */
export function createFeedService(deps: { db: Database; clock: Clock }) {
  const { db, clock } = deps
  const before = (ms: number) => new Date(clock.now().getTime() - ms)

  return {
    /**
     * Where the actor begins to read a ticket's log.
     * @param after the last number that the actor has; undefined for what comes from now on
     * @throws DomainError 404
     */
    async open(actor: Actor, ticketId: number, after: number | undefined): Promise<FeedStart> {
      const [row] = await start.run(db, { ticketId, viewer: actor.id, after: after ?? 0 })
      const facts = row && {
        createdBy: row.created_by,
        isWatcher: row.is_watcher,
        isDeleted: row.is_deleted,
      }
      if (row === undefined || facts === undefined || !canSeeTicket(actor, facts)) throw notFound('Ticket')
      const isInside = canSeeInternal(actor)
      const seq = isInside ? row.event_seq : row.public_seq
      const newest = row.event_seq
      if (after === undefined || after >= seq) return { position: newest, newest, seq }
      return { position: isInside ? after : (row.after_public ?? 0), newest, seq }
    },

    /** At most `limit` events behind a position, in order. */
    behind: (ticketId: number, position: number, limit: number) =>
      eventsBehind(db, ticketId, position, limit),

    /** Those of the events that are of the types. */
    named: (events: readonly { ticketId: number; seq: number }[], types: readonly string[]) =>
      eventsNamed(db, events, types),

    /** Who may see a ticket now. */
    async audience(ticketId: number): Promise<(actor: Pick<Actor, 'id' | 'role'>) => boolean> {
      const [row] = await db.execute<{ created_by: number; is_deleted: boolean; watchers: number[] }>(sql`
        SELECT created_by, deleted_at IS NOT NULL AS is_deleted,
          (SELECT coalesce(json_agg(user_id), '[]') FROM ticket_watchers WHERE ticket_id = t.id) AS watchers
        FROM tickets t WHERE id = ${ticketId}`)
      if (row === undefined) return () => false
      const watchers = new Set(row.watchers)
      return (actor) =>
        canSeeTicket(actor, {
          createdBy: row.created_by,
          isDeleted: row.is_deleted,
          isWatcher: watchers.has(actor.id),
        })
    },

    /** The newest `seq` of tickets. */
    async positions(ticketIds: readonly number[]): Promise<Map<number, number>> {
      if (ticketIds.length === 0) return new Map()
      const rows = await db.execute<{ id: number; event_seq: number }>(sql`
        SELECT id, event_seq FROM tickets WHERE id = ANY (string_to_array(${ticketIds.join(',')}, ',')::bigint[])`)
      return new Map(rows.map((row) => [row.id, row.event_seq]))
    },

    /** The people of those of the sessions that are alive, with the roles they have now. */
    async liveActors(sessionIds: readonly string[]): Promise<Map<string, Actor>> {
      if (sessionIds.length === 0) return new Map()
      const rows = await live.run(db, { ids: sessionIds.join(','), now: clock.now().toISOString() })
      return new Map(rows.map((row) => [row.sessionId, { ...row, role: row.role as RoleName }]))
    },

    /** Alerts as their people see them, by id; not those that they may not know of any more. */
    async alerts(ids: readonly number[]) {
      if (ids.length === 0) return []
      const rows = await db
        .select({ alert: alerts })
        .from(alerts)
        .innerJoin(users, eq(users.id, alerts.userId))
        .where(and(inArray(alerts.id, [...ids]), or(ne(users.role, 'Normal User'), isForRequester)))
        .orderBy(alerts.createdAt, alerts.id)
      return rows.map(({ alert }) => ({
        userId: alert.userId,
        occurrences: alert.occurrences,
        alert: alertView(alert),
      }))
    },

    /** The people's alerts of the last `ms`, oldest first; those that came to stand for one more since are among them. */
    async alertsSince(userIds: readonly number[], ms: number) {
      return db
        .select({ id: alerts.id, userId: alerts.userId, occurrences: alerts.occurrences })
        .from(alerts)
        .where(and(inArray(alerts.userId, [...userIds]), gt(alerts.createdAt, before(ms))))
        .orderBy(alerts.createdAt, alerts.id)
        .limit(MOST_RECENT)
    },

    /** Exports as their askers see them, by id. */
    async exports(ids: readonly string[]) {
      if (ids.length === 0) return []
      const rows = await db
        .select()
        .from(exports)
        .where(inArray(exports.id, [...ids]))
      return rows.map((row) => ({ userId: row.requestedBy, view: exportView(row) }))
    },

    /** The people's exports that ended in the last `ms`. */
    async exportsSince(userIds: readonly number[], ms: number) {
      return db
        .select({ id: exports.id, userId: exports.requestedBy })
        .from(exports)
        .where(and(inArray(exports.requestedBy, [...userIds]), gt(exports.finishedAt, before(ms))))
        .limit(MOST_RECENT)
    },

    /** The events of the last `ms`, of any ticket: for a node that hears nothing of others' changes. */
    async eventsSince(ms: number): Promise<{ ticketId: number; seq: number }[]> {
      const since = before(ms).toISOString()
      return db.execute<{ ticketId: number; seq: number }>(sql`
        SELECT e.ticket_id AS "ticketId", e.seq FROM (
          SELECT id, updated_at AS at FROM tickets WHERE deleted_at IS NULL AND updated_at > ${since}::timestamptz
          UNION ALL SELECT id, deleted_at FROM tickets WHERE deleted_at > ${since}::timestamptz
        ) t JOIN ticket_events e ON e.ticket_id = t.id
        WHERE e.created_at > ${since}::timestamptz
        ORDER BY t.at DESC LIMIT ${MOST_RECENT}`)
    },
  }
}

export type FeedService = ReturnType<typeof createFeedService>
