import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeDatabase, createDatabase } from '@servicedesk/db'
import { type ApiProcess, forgetPeak, memoryOf, newDeployment, startApiProcess } from '../api-process.ts'
import type { Figure } from '../framework/figure.ts'
import type { BenchContext } from '../framework/measurement.ts'
import type { BenchServers } from '../servers.ts'
import { reportTicket, signUp, type Uploader, upload } from './uploader.ts'

const MB = 1024 ** 2
const AT_ONCE = 10
const FILE_BYTES = 20 * MB
const WARM_UP = 20
/** What ten files of 20 MB at once may add to the API's memory (issue 5). */
export const TARGET_MB = 64

/**
 * Ten files of 20 MB sent at once to an API process, `rounds` times: how much more memory the process has at its peak
 * than before the first of them, and how fast they went. Linux only.
 */
export async function measureUploads({ servers, rounds }: BenchContext): Promise<Figure[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'servicedesk-bench-api-'))
  const api = await startApiProcess(servers, dataDir, newDeployment('uploads'))
  try {
    const uploader = await signUp(api.url)
    const ticketId = await reportTicket(uploader)
    // What a process that runs for a while has anyway: compiled code, pools, prepared statements.
    for (let n = 0; n < WARM_UP; n++) await upload(uploader, ticketId, file(64 * 1024))
    const figures = await measureRounds(api, uploader, ticketId, rounds)
    await checkKept(servers, ticketId, rounds * AT_ONCE)
    return figures
  } finally {
    await api.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function measureRounds(
  api: ApiProcess,
  uploader: Uploader,
  ticketId: string,
  rounds: number,
): Promise<Figure[]> {
  const content = file(FILE_BYTES)
  const before = await memoryOf(api.pid, 'VmRSS')
  const [speeds, growths]: [number[], number[]] = [[], []]
  for (let round = 1; round <= rounds; round++) {
    await forgetPeak(api.pid)
    const started = performance.now()
    await Promise.all(Array.from({ length: AT_ONCE }, () => upload(uploader, ticketId, content)))
    const seconds = (performance.now() - started) / 1_000
    growths.push(((await memoryOf(api.pid, 'VmHWM')) - before) / MB)
    speeds.push((AT_ONCE * FILE_BYTES) / MB / seconds)
  }
  const name = `${AT_ONCE} × 20 MB at once`
  return [
    { name, unit: 'MB/s', better: 'more', rounds: speeds },
    {
      name: `${name}, growth of the API`,
      unit: 'MB',
      better: 'less',
      rounds: growths,
      targets: [{ of: 'value', is: TARGET_MB }],
    },
  ]
}

/** Uploads that did not arrive whole would be cheap. @throws Error */
async function checkKept(servers: BenchServers, ticketId: string, expected: number): Promise<void> {
  const db = createDatabase(servers.databaseUrl, { max: 1, applicationName: 'servicedesk-bench' })
  try {
    const rows = await db.$client`
      SELECT 1 FROM attachments WHERE bytes = ${FILE_BYTES} AND ticket_id = ${Number(ticketId)}`
    if (rows.length !== expected) throw new Error(`${rows.length} of ${expected} files were kept`)
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
