import { type Static, type TSchema, Type } from 'typebox'

export const QUEUES = ['assignment', 'sla', 'thumbnails', 'email', 'files', 'exports', 'maintenance'] as const
export type QueueName = (typeof QUEUES)[number]

export interface Retry {
  /** How often a handler may fail before the job is a dead letter. */
  attempts: number
  /** The first wait in milliseconds; it doubles with every failure. */
  backoffMs: number
}

export interface JobDefinition<Payload extends TSchema = TSchema> {
  queue: QueueName
  payload: Payload
  retry: Retry
}

const define = <Payload extends TSchema>(definition: JobDefinition<Payload>) => definition
const strict = { additionalProperties: false }
const TicketId = Type.Integer({ minimum: 1 })
const Uuid = Type.String({ pattern: '^[0-9a-f-]{36}$' })

/**
 * Every job: its queue, the shape of its payload and how it is retried. Payloads are ids and primitives.
 * A new job is one entry here and one handler; a missing handler does not compile.
 *
 * Jobs may run late, twice and in any order, so none carries what it is to do. `ticket.assign`, `assignment.drain`,
 * `sla.sweep`, `sla.recompute`, `prune`, `stats.rollup` and `search.lexemes` ask the database what is to be done now; `sla.act` finds in the clock's log
 * what its breach calls for, and looks whether the ticket still does; `thumbnail.make` makes the same pictures of the same
 * bytes whenever it runs, `export.make` makes the file as of when it runs, and `file.scan` settles a file that still waits for it. What cannot be taken back is a mail: `email.send` compares the ticket event that its delivery
 * tells of with later ones, and one that came too late is discarded.
 */
export const catalogue = {
  /** Assigns whatever waits; the ticket is named for the log only, the waiting ticket is the truth. */
  'ticket.assign': define({
    queue: 'assignment',
    payload: Type.Object({ ticket_id: TicketId }, strict),
    // Failures here are the database's: short waits, many tries, because a person waits for an agent.
    retry: { attempts: 15, backoffMs: 200 },
  }),
  /** The same, when capacity returned or time passed. */
  'assignment.drain': define({
    queue: 'assignment',
    payload: Type.Object({}, strict),
    retry: { attempts: 3, backoffMs: 500 },
  }),
  'sla.sweep': define({
    queue: 'sla',
    payload: Type.Object({}, strict),
    // The next sweep comes in 15 s and asks the same question.
    retry: { attempts: 1, backoffMs: 0 },
  }),
  /** Brings the clocks of open tickets to the policies and calendars in force, a batch a job. */
  'sla.recompute': define({
    queue: 'sla',
    /** The last ticket of the batch before. */
    payload: Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0 })) }, strict),
    retry: { attempts: 10, backoffMs: 500 },
  }),
  /** Does what a policy wants done about a breach besides telling: escalates, sends back to assignment. */
  'sla.act': define({
    queue: 'sla',
    payload: Type.Object({ clock_id: Type.Integer({ minimum: 1 }) }, strict),
    retry: { attempts: 10, backoffMs: 500 },
  }),
  'thumbnail.make': define({
    queue: 'thumbnails',
    payload: Type.Object({ attachment_id: Uuid }, strict),
    retry: { attempts: 8, backoffMs: 1_000 },
  }),
  'email.send': define({
    queue: 'email',
    payload: Type.Object({ delivery_id: Uuid }, strict),
    // A mail server may be away for an hour: 2 s doubling over 12 tries is about 70 minutes.
    retry: { attempts: 12, backoffMs: 2_000 },
  }),
  /** Has a file scanned that is kept back until then. */
  'file.scan': define({
    queue: 'files',
    payload: Type.Object({ attachment_id: Uuid }, strict),
    // The scanner may be away for an hour, as a mail server may.
    retry: { attempts: 12, backoffMs: 2_000 },
  }),
  /** Removes bytes that no row names and those of deleted files, and says which rows have none. */
  'file.sweep-orphans': define({
    queue: 'files',
    payload: Type.Object({}, strict),
    // A store may be away for a while; the next sweep is a day off.
    retry: { attempts: 8, backoffMs: 60_000 },
  }),
  /** Writes a file of tickets that somebody asked for into the store. */
  'export.make': define({
    queue: 'exports',
    payload: Type.Object({ export_id: Uuid }, strict),
    // A store or a replica may be away for a while, but somebody waits: 2 s doubling over 8 tries is four minutes.
    retry: { attempts: 8, backoffMs: 2_000 },
  }),
  /** Deletes what the retention table says is old enough. */
  prune: define({
    queue: 'maintenance',
    payload: Type.Object({}, strict),
    // The next one comes in minutes and asks the same question.
    retry: { attempts: 1, backoffMs: 0 },
  }),
  /** Brings the rollups of days that have ended, or changed since, up to date. */
  'stats.rollup': define({
    queue: 'maintenance',
    payload: Type.Object({}, strict),
    // The next one comes in a minute and asks the same question; until then those days are counted from their rows.
    retry: { attempts: 1, backoffMs: 0 },
  }),
  /** Compares the rollup of a random day with its rows, and mends it. */
  'stats.check': define({
    queue: 'maintenance',
    payload: Type.Object({}, strict),
    retry: { attempts: 1, backoffMs: 0 },
  }),
  /** Adds the words of changed tickets to those that mistyped ones are compared with. */
  'search.lexemes': define({
    queue: 'maintenance',
    payload: Type.Object({}, strict),
    // The next one comes in a minute and goes on where this one stopped.
    retry: { attempts: 1, backoffMs: 0 },
  }),
  /** Tells admins of a row that became a dead letter. */
  'dead-letter.alert': define({
    queue: 'maintenance',
    payload: Type.Object({ outbox_id: Uuid }, strict),
    // Only the database can fail it, and nobody is told of its own death.
    retry: { attempts: 20, backoffMs: 500 },
  }),
} satisfies Record<string, JobDefinition>

export type JobName = keyof typeof catalogue

/** A table, not `Static` of the name: comparing that for an open name costs the compiler many seconds a package. */
type JobPayloads = { [K in JobName]: Members<Static<(typeof catalogue)[K]['payload']>> }
/** Spelled out member by member. */
type Members<T> = { [P in keyof T]: T[P] }
export type JobPayload<K extends JobName> = JobPayloads[K]

/** True when the catalogue of this release has a job of that name. */
export function isJobName(name: string): name is JobName {
  return Object.hasOwn(catalogue, name)
}
