import { type Context, context, propagation, ROOT_CONTEXT } from '@opentelemetry/api'
import type { OutboxRow } from './emit.ts'

type Traced = Pick<OutboxRow, 'traceparent'>

/** The W3C `traceparent` of what runs now, for the rows that it owes; null while nothing is traced. */
export function currentTraceparent(): string | null {
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  return carrier.traceparent ?? null
}

/**
 * BullMQ's option that makes the job's run a child of what owed it, whichever process hands it over. A row of an
 * untraced change has none.
 */
export function tracedBy({ traceparent }: Traced): { telemetry?: { metadata: string } } {
  return traceparent === null ? {} : { telemetry: { metadata: JSON.stringify({ traceparent }) } }
}

/** Where handing over these rows belongs: a batch of one trace is a part of it, a batch of many is of none. */
export function batchContext(rows: readonly Traced[]): Context {
  const [traceparent, ...others] = new Set(rows.map((row) => row.traceparent))
  if (traceparent === null || others.length > 0) return ROOT_CONTEXT
  return propagation.extract(ROOT_CONTEXT, { traceparent })
}
