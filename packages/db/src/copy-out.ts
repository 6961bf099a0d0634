import { Readable } from 'node:stream'
import type { SQL } from 'drizzle-orm'
import postgres from 'postgres'
import { type CopyQuery, startCopy, withLiterals } from './copy-query.ts'
import type { Database } from './executor.ts'
import type { Row } from './statement.ts'

/** What is copied, and how long at most. */
export interface CopyOut {
  /** A query with its values, or with placeholders for `values`. */
  query: SQL
  values?: Row
  /** What COPY is told besides, such as `FORMAT csv, HEADER true`. */
  options: string
  /** What becomes of each chunk. */
  convert?: (chunk: Buffer) => Buffer
  /** Milliseconds; then it breaks off, so that nobody who reads slowly holds a snapshot for ever. */
  maxMs: number
  /** Shown in pg_stat_activity. */
  applicationName: string
}

/** It was not over in time. */
export class CopyTooLong extends Error {
  override name = 'CopyTooLong'

  constructor(ms: number) {
    super(`not copied within ${ms} ms`)
  }
}

/** What the server gets to say that it has ended what was broken off. */
const HANG_UP_MS = 1_000
const READ_AHEAD_BYTES = 64 * 1024

/**
 * The output of `COPY (query) TO STDOUT`, read no faster than it is consumed. It ends only when the server has said that all
 * of it was sent, and fails with whatever else happens. Destroying it cancels the query, at any time. It has a read-only
 * session of its own, which is closed before the stream is.
 */
export function copyOut(db: Database, copy: CopyOut): Readable {
  const { convert = (chunk) => chunk } = copy
  const client = sessionFor(db, copy)
  let query: CopyQuery | undefined
  let source: Readable | undefined
  let timer: NodeJS.Timeout | undefined

  const fail = (error: unknown) => {
    out.destroy(error instanceof Error ? error : new Error(String(error)))
  }

  async function open(): Promise<void> {
    timer = setTimeout(() => fail(new CopyTooLong(copy.maxMs)), copy.maxMs)
    const text = await withLiterals(client, copy.query, copy.values ?? {})
    if (out.destroyed) return
    query = startCopy(client, `COPY (${text}) TO STDOUT (${copy.options})`)
    const opened = await query.opened
    source = opened
    if (out.destroyed) return
    opened.once('end', letFlow)
    void query.settled.then((error) => {
      if (error !== undefined) fail(error)
      // What was read ahead is the rest.
      else if (opened.readableEnded) out.push(null)
      else opened.once('end', () => out.push(null))
    })
    pull()
  }

  function pull(): void {
    if (source === undefined || out.destroyed) return
    const chunk: Buffer | null = source.read()
    if (chunk !== null) out.push(convert(chunk))
    else if (!source.readableEnded) source.once('readable', pull)
  }

  /**
   * The stream of postgres.js lets the socket flow again where it reads on, which it does not once it has ended or been
   * left; but the server's last word is behind what it held back.
   */
  function letFlow(): void {
    if (query?.isSettled() === false) source?._read(0)
  }

  async function hangUp(): Promise<void> {
    clearTimeout(timer)
    if (query !== undefined && !query.isSettled()) {
      source?.off('readable', pull)
      // A server that waits to be read from does not look up: what it sends is thrown away.
      source?.on('data', () => undefined)
      letFlow()
      // A cancellation that does not get through leaves the closing of the session, below.
      const ended = Promise.all([query.cancel(), query.settled]).catch(() => undefined)
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, HANG_UP_MS).unref())])
    }
    await client.end({ timeout: query === undefined || query.isSettled() ? 1 : 0 })
  }

  let isOpening = false
  const out: Readable = new Readable({
    highWaterMark: READ_AHEAD_BYTES,
    read() {
      if (isOpening) return pull()
      isOpening = true
      open().catch(fail)
    },
    destroy(error, done) {
      // Who leaves is not told of faults in leaving: nobody might listen any more.
      hangUp().then(
        () => done(error),
        () => done(error),
      )
    },
  })
  return out
}

function sessionFor(db: Database, { maxMs, applicationName }: CopyOut): postgres.Sql {
  // As postgres.js does where it needs a connection apart: parsed options are options.
  const options = db.$client.options as unknown as postgres.Options<Record<string, never>>
  return postgres({
    ...options,
    max: 1,
    connection: {
      ...options.connection,
      application_name: applicationName,
      // The server's own, should this process not be there to end it.
      statement_timeout: maxMs + 5_000,
      default_transaction_read_only: true,
      // Few run at once, over whole tables: sorts and hashes stay in memory.
      work_mem: '32MB',
    },
  })
}
