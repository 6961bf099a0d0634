import type { Tx } from '@servicedesk/db'
import { type SQL, sql } from 'drizzle-orm'
import { isUuid } from '../shared/keyset.ts'

/** What a job's payload names has a state of its own, which has to agree with the job's. */
interface Subject {
  /** The payload's member that names it. */
  member: string
  fail(id: string, reason: string): SQL
  owe(id: string): SQL
}

const SUBJECTS: Readonly<Record<string, Subject>> = {
  'email.send': {
    member: 'delivery_id',
    fail: (
      id,
      reason,
    ) => sql`UPDATE email_deliveries SET status = 'failed', last_error = coalesce(last_error, ${reason})
      WHERE id = ${id}::uuid AND status IN ('queued', 'sending')`,
    owe: (id) =>
      sql`UPDATE email_deliveries SET status = 'queued' WHERE id = ${id}::uuid AND status = 'failed'`,
  },
  'thumbnail.make': {
    member: 'attachment_id',
    fail: (id) =>
      sql`UPDATE attachments SET thumbnail = 'failed' WHERE id = ${id}::uuid AND thumbnail = 'pending'`,
    owe: (id) =>
      sql`UPDATE attachments SET thumbnail = 'pending' WHERE id = ${id}::uuid AND thumbnail = 'failed'`,
  },
}

/** A job of whatever release, as it is in the outbox: its payload may be anything. */
export interface SomeJob {
  name: string
  payload: unknown
}

function find(job: SomeJob): { subject: Subject; id: string } | undefined {
  const subject = Object.hasOwn(SUBJECTS, job.name) ? SUBJECTS[job.name] : undefined
  if (subject === undefined || typeof job.payload !== 'object' || job.payload === null) return undefined
  const id = (job.payload as Record<string, unknown>)[subject.member]
  return typeof id === 'string' && isUuid(id) ? { subject, id } : undefined
}

/** What a dead job was about waits no longer: its mail or thumbnail has failed, however the job died. */
export async function failSubject(tx: Tx, job: SomeJob, reason: string): Promise<void> {
  const found = find(job)
  if (found !== undefined) await tx.execute(found.subject.fail(found.id, reason))
}

/** What a job that is tried again is about can be done again. */
export async function oweSubject(tx: Tx, job: SomeJob): Promise<void> {
  const found = find(job)
  if (found !== undefined) await tx.execute(found.subject.owe(found.id))
}
