import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeDatabase, createDatabase } from '@servicedesk/db'
import type { BenchServers } from '../servers.ts'
import { type ApiProcess, forgetPeak, memoryOf, startApiProcess } from './api-process.ts'
import { reportTicket, signUp, type Uploader, upload } from './uploader.ts'

const MB = 1024 ** 2
const AT_ONCE = 10
const FILE_BYTES = 20 * MB
const WARM_UP = 20
/** What ten files of 20 MB at once may add to the API's memory (issue 5). */
export const TARGET_MB = 64

/**
 * Ten files of 20 MB sent at once to an API process, `rounds` times: how much more memory the process has at its peak
 * than before the first of them, and how fast they went. Prints it.
 */
export async function measureUploads(servers: BenchServers, rounds: number): Promise<void> {
  if (process.platform !== 'linux') return console.log('uploads: memory is measured on Linux only\n')
  const dataDir = mkdtempSync(join(tmpdir(), 'servicedesk-bench-api-'))
  const api = await startApiProcess(servers, dataDir)
  try {
    const uploader = await signUp(api.url)
    const ticketId = await reportTicket(uploader)
    // What a process that runs for a while has anyway: compiled code, pools, prepared statements.
    for (let n = 0; n < WARM_UP; n++) await upload(uploader, ticketId, file(64 * 1024))
    await measureRounds(api, uploader, ticketId, rounds)
    await checkKept(servers, ticketId, rounds * AT_ONCE)
  } finally {
    await api.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function measureRounds(api: ApiProcess, uploader: Uploader, ticketId: string, rounds: number) {
  const content = file(FILE_BYTES)
  const before = await memoryOf(api.pid, 'VmRSS')
  let highest = 0
  for (let round = 1; round <= rounds; round++) {
    await forgetPeak(api.pid)
    const started = performance.now()
    await Promise.all(Array.from({ length: AT_ONCE }, () => upload(uploader, ticketId, content)))
    const seconds = (performance.now() - started) / 1_000
    const growth = (await memoryOf(api.pid, 'VmHWM')) - before
    highest = Math.max(highest, growth)
    const speed = ((AT_ONCE * FILE_BYTES) / MB / seconds).toFixed(0)
    console.log(
      `${`${AT_ONCE} × 20 MB at once, round ${round}`.padEnd(34)}${speed.padStart(7)} MB/s   memory ${inMB(before)} + ${inMB(growth)} MB`,
    )
  }
  const verdict = highest <= TARGET_MB * MB ? '' : `   above ${TARGET_MB}`
  console.log(`${'highest growth of the API'.padEnd(34)}${inMB(highest).padStart(7)} MB${verdict}`)
}

/** Uploads that did not arrive whole would be cheap. */
async function checkKept(servers: BenchServers, ticketId: string, expected: number): Promise<void> {
  const db = createDatabase(servers.databaseUrl, { max: 1, applicationName: 'servicedesk-bench' })
  try {
    const rows = await db.$client`
      SELECT 1 FROM attachments WHERE bytes = ${FILE_BYTES} AND ticket_id = ${Number(ticketId)}`
    if (rows.length !== expected) throw new Error(`${rows.length} of ${expected} files were kept`)
    console.log(`${'files kept whole'.padEnd(34)}${String(rows.length).padStart(7)}\n`)
  } finally {
    await closeDatabase(db)
  }
}

/** An archive as far as its first bytes tell, of noise. */
function file(bytes: number): Buffer {
  const content = randomBytes(bytes)
  content.write('377abcaf271c0004', 'hex')
  return content
}

const inMB = (bytes: number) => (bytes / MB).toFixed(1)
