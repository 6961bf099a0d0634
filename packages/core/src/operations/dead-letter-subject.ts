import type { Tx } from '@servicedesk/db'
import { sql } from 'drizzle-orm'
import { EXPORT_FAILED, oweExport, recordExport } from '../exports/record-export.ts'
import { recordThumbnails } from '../files/make-thumbnails.ts'

const isUuid = (text: string) => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

/** What a job's payload names has a state of its own, which has to agree with the job's. */
interface Subject {
  /** The payload's member that names it. */
  member: string
  fail(tx: Tx, id: string, why: { reason: string; now: Date }): Promise<unknown>
  owe(tx: Tx, id: string): Promise<unknown>
}

const SUBJECTS: Readonly<Record<string, Subject>> = {
  'email.send': {
    member: 'delivery_id',
    fail: (tx, id, { reason }) =>
      tx.execute(sql`UPDATE email_deliveries SET status = 'failed', is_open = false,
          last_error = coalesce(last_error, ${reason})
        WHERE id = ${id}::uuid AND status IN ('queued', 'sending')`),
    owe: (tx, id) =>
      tx.execute(
        sql`UPDATE email_deliveries SET status = 'queued' WHERE id = ${id}::uuid AND status = 'failed'`,
      ),
  },
  'thumbnail.make': {
    member: 'attachment_id',
    fail: (tx, id, { now }) => recordThumbnails(tx, id, 'failed', now),
    owe: (tx, id) =>
      tx.execute(
        sql`UPDATE attachments SET thumbnail = 'pending' WHERE id = ${id}::uuid AND thumbnail = 'failed'`,
      ),
  },
  'export.make': {
    member: 'export_id',
    // The reason is for admins: it may name servers.
    fail: (tx, id, { now }) => recordExport(tx, id, { status: 'failed', reason: EXPORT_FAILED }, now),
    owe: (tx, id) => oweExport(tx, id),
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
export async function failSubject(tx: Tx, job: SomeJob, why: { reason: string; now: Date }): Promise<void> {
  const found = find(job)
  await found?.subject.fail(tx, found.id, why)
}

/** What a job that is tried again is about can be done again. */
export async function oweSubject(tx: Tx, job: SomeJob): Promise<void> {
  const found = find(job)
  await found?.subject.owe(tx, found.id)
}
