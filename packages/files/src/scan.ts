import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { asUnavailable, readAnswer, signatureIn } from './clamd-answer.ts'
import { ClamdUnavailable } from './errors.ts'
import type { ScannerSettings } from './scan-settings.ts'

// Own code: clamscan answers null where clamd timed out and takes early answers for a broken pipe, clamdjs is not kept.

/** What was found in content, and how much of it was looked at. */
export interface ScanResult {
  /** The signature's name; null for clean content. */
  signature: string | null
  bytes: number
}

/** Looks for malware. Reads or destroys the source. */
export type Scanner = (source: Readable) => Promise<ScanResult>

/** In milliseconds. */
export interface ScanTimeouts {
  connect: number
  /** While it is being sent, no byte may be on its way for longer. */
  idle: number
  /** Of everything, and so of the wait for the answer: clamd itself gives up a scan after two minutes by default. */
  total: number
}

const TIMEOUTS: ScanTimeouts = { connect: 5_000, idle: 30_000, total: 180_000 }

/**
 * A client of clamd: INSTREAM over TCP, a connection a scan, never more in memory than the source gives at once.
 * Scans throw ClamdUnavailable (try again), StreamTooLong (do not), or what the source throws.
 */
export function createScanner(
  { host, port }: ScannerSettings,
  timeouts: Partial<ScanTimeouts> = {},
): Scanner {
  const limits = { ...TIMEOUTS, ...timeouts }
  return async (source) => {
    // It may fail before it is read; reading it later still fails.
    source.on('error', () => undefined)
    const socket = connect({ host, port, noDelay: true })
    const giveUp = (what: string) => socket.destroy(new ClamdUnavailable(what))
    const total = setTimeout(giveUp, limits.total, `has not answered after ${limits.total} ms`)
    socket.on('timeout', () => giveUp('does not read or connect'))
    socket.setTimeout(limits.connect)
    try {
      await once(socket, 'connect').catch((error: Error) => Promise.reject(asUnavailable(error)))
      socket.setTimeout(limits.idle)
      const progress = { bytes: 0, isComplete: false, isAnswered: false }
      const answer = readAnswer(socket).finally(() => {
        progress.isAnswered = true
      })
      // clamd may answer before the end: that it is too much.
      const sent = send(socket, source, progress)
      const text = await Promise.race([answer, sent.then(() => answer)])
      return { signature: signatureIn(text, progress.isComplete), bytes: progress.bytes }
    } finally {
      clearTimeout(total)
      socket.destroy()
      source.destroy()
    }
  }
}

/**
 * Sends content in clamd's chunks. A connection that breaks ends it quietly: what that means, the answer says.
 * @throws what the source throws
 */
async function send(
  socket: Socket,
  source: Readable,
  progress: { bytes: number; isComplete: boolean; isAnswered: boolean },
): Promise<void> {
  if (!(await write(socket, Buffer.from('zINSTREAM\0')))) return
  for await (const chunk of source as AsyncIterable<Buffer | string>) {
    const data = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    // An empty chunk would say that this was all.
    if (data.length === 0) continue
    // Lets an answer in first: a write on a connection that clamd has closed throws it away. The moment between the two
    // cannot be closed, so that an answer of too much may be taken for an outage; the next try hears it.
    await turn()
    if (progress.isAnswered) return
    socket.cork()
    socket.write(lengthOf(data))
    const isTaken = write(socket, data)
    socket.uncork()
    if (!(await isTaken)) return
    progress.bytes += data.length
  }
  progress.isComplete = true
  await write(socket, lengthOf(Buffer.alloc(0)))
  // Now it scans, and says nothing meanwhile.
  socket.setTimeout(0)
}

function lengthOf(data: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(data.length)
  return header
}

/** Resolves when the system has taken it; to false when the connection is gone. */
function write(socket: Socket, data: Buffer): Promise<boolean> {
  return new Promise((resolve) => socket.write(data, (error) => resolve(!error)))
}
