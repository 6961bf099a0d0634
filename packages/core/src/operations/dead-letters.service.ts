import { auditLog, outbox, toDate } from '@servicedesk/db'
import { BIRTH_LEASE_SECONDS, MOST_ATTEMPTS, noteEmitted } from '@servicedesk/jobs/emit'
import { eq, sql } from 'drizzle-orm'
import type { Actor } from '../shared/actor.ts'
import { conflict, notFound } from '../shared/errors.ts'
import { type ListDeps, type PageRequest, pageOf } from '../shared/page.ts'
import { type ServiceDeps, transact } from '../shared/transact.ts'
import { ticketRef } from '../tickets/ticket-id.ts'
import { oweSubject } from './dead-letter-subject.ts'

/** How often a retried row may be handed to its queue before it is given up again. */
const DISPATCHES = 20

interface DeadRow extends Record<string, unknown> {
  id: string
  queue: string
  name: string
  payload: unknown
  attempts: number
  last_error: string | null
  created_at: string
  failed_at: string | null
  ticket_id: number | null
}

/** An instant for JSON; null also for one that a hand has put where no calendar of ours reaches, such as infinity. */
function isoOf(instant: Date | null): string | null {
  return instant === null || Number.isNaN(instant.getTime()) ? null : instant.toISOString()
}

/** A job as its dead letter is shown; `failed_at` and `reason` are null once it is owed again. */
function deadLetterView(row: DeadRow) {
  return {
    id: row.id,
    queue: row.queue,
    name: row.name,
    payload: row.payload,
    attempts: row.attempts,
    reason: row.last_error,
    created_at: isoOf(toDate(row.created_at)),
    failed_at: isoOf(toDate(row.failed_at)),
    ticket_id: row.ticket_id === null ? null : ticketRef(row.ticket_id),
  }
}

/** A payload's member as the id it should be; a row may have been edited by hand. */
const member = (name: string, type: 'uuid' | 'bigint') => {
  const text = sql`page.payload ->> ${name}`
  return sql`CASE WHEN pg_input_is_valid(${text}, ${type}) THEN (${text})::${sql.raw(type)} END`
}

/** Jobs that were given up, for admins. Nothing deletes them: they stay until they are retried. */
export function createDeadLetterService(deps: ServiceDeps & ListDeps) {
  const { db } = deps

  return {
    /** Newest first. @throws DomainError 400 for a page or cursor that does not fit */
    async list(request: PageRequest & { queue?: string | undefined; name?: string | undefined }) {
      const { queue, name } = request
      const matching = sql`FROM outbox WHERE failed_at IS NOT NULL
        ${queue === undefined ? sql`` : sql`AND queue = ${queue}`}
        ${name === undefined ? sql`` : sql`AND name = ${name}`}`
      const { rows, pagination } = await pageOf<DeadRow>(deps, request, {
        filter: { list: 'dead', queue, name },
        matching,
        placeOf: (row) => [row.failed_at ?? '', row.id],
        rows: (limit, offset, after) =>
          db.execute<DeadRow>(sql`
            SELECT page.*, coalesce(d.ticket_id, a.ticket_id, ${member('ticket_id', 'bigint')}) AS ticket_id
            FROM (
              SELECT id, queue, name, payload, attempts, last_error, created_at, failed_at::text AS failed_at ${matching}
              ${after === undefined ? sql`` : sql`AND (failed_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`}
              ORDER BY outbox.failed_at DESC, outbox.id DESC LIMIT ${limit} OFFSET ${offset}
            ) page
            LEFT JOIN email_deliveries d ON d.id = ${member('delivery_id', 'uuid')}
            LEFT JOIN attachments a ON a.id = ${member('attachment_id', 'uuid')}
            ORDER BY page.failed_at::timestamptz DESC, page.id DESC`),
      })
      return { jobs: rows.map(deadLetterView), pagination }
    },

    /**
     * Makes a dead letter owed again, with what it is about, and dispatches it. Its reason is kept in the audit log.
     * @throws DomainError 404, or 409 when it is not dead (of two who retry at once one is told so) or when its
     *   attempts, edited by hand, leave no number for another
     */
    async retry(actor: Actor, id: string) {
      return transact(deps, async (tx) => {
        const [dead] = await tx.select().from(outbox).where(eq(outbox.id, id)).for('update')
        if (dead === undefined) throw notFound('Job')
        if (dead.failedAt === null) throw conflict('job_not_dead', 'This job is not a dead letter')
        if (dead.attempts + 1 + DISPATCHES > MOST_ATTEMPTS) {
          throw conflict(
            'job_attempts_exhausted',
            `This job has ${dead.attempts} attempts and cannot have more`,
          )
        }
        const [row] = await tx
          .update(outbox)
          .set({
            failedAt: null,
            lastError: null,
            dispatchedAt: null,
            availableAt: sql`now()`,
            leaseUntil: sql`now() + make_interval(secs => ${BIRTH_LEASE_SECONDS})`,
            // A number of its own, also when the last dispatch died before it was counted: BullMQ ignores an id
            // that it still has.
            attempts: dead.attempts + 1,
            dispatchLimit: dead.attempts + 1 + DISPATCHES,
          })
          .where(eq(outbox.id, id))
          .returning()
        if (row === undefined) throw new Error('update returned no row')
        await oweSubject(tx, row)
        await tx.insert(auditLog).values({
          actorId: actor.id,
          action: 'retry',
          entity: 'job',
          entityId: id,
          data: {
            queue: dead.queue,
            name: dead.name,
            attempts: dead.attempts,
            reason: dead.lastError,
            failed_at: isoOf(dead.failedAt),
          },
          createdAt: deps.clock.now(),
        })
        noteEmitted(tx, [row])
        return {
          id: row.id,
          queue: row.queue,
          name: row.name,
          payload: row.payload,
          attempts: row.attempts,
          reason: null,
          created_at: isoOf(row.createdAt),
          failed_at: null,
          ticket_id: null,
        }
      })
    },
  }
}
