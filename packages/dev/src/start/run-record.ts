import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processIdentity, terminate, waitUntilGone } from '../process/process-table.ts'

/** DATA_DIR/run.json: what runs now and where, for tools such as the fault harness, and for the start after a crash. */
export interface RunRecord {
  /** The supervisor. */
  pid: number
  url: string
  databaseUrl: string
  /** Missing when sentinels or a cluster were set. */
  redisUrl?: string | undefined
  smtpUrl: string
  /** By service name. */
  processes: Record<string, { pid: number; identity: string | undefined }>
}

const recordFile = (dataDir: string) => join(dataDir, 'run.json')

/** Replaces the record. It holds passwords, so only its owner can read it. */
export function writeRunRecord(
  dataDir: string,
  addresses: Omit<RunRecord, 'pid' | 'processes'>,
  pids: Record<string, number>,
): void {
  const processes = Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => [name, { pid, identity: processIdentity(pid) }]),
  )
  const record: RunRecord = { pid: process.pid, ...addresses, processes }
  const draft = `${recordFile(dataDir)}.new`
  writeFileSync(draft, JSON.stringify(record, null, 2), { mode: 0o600 })
  renameSync(draft, recordFile(dataDir))
}

export function removeRunRecord(dataDir: string): void {
  rmSync(recordFile(dataDir), { force: true })
}

/** The record of the run on this folder, or undefined when none was left. */
export function readRunRecord(dataDir: string): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(dataDir), 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * After a kill -9 of the supervisor its programs end by themselves: waits for them, because they still hold the port,
 * and stops those that do not. PostgreSQL and Redis look after their own leftovers.
 */
export async function clearLeftoverPrograms(
  dataDir: string,
  names: readonly string[],
  patienceMs = 6_000,
): Promise<void> {
  const record = readRunRecord(dataDir)
  const waits = names.map(async (name) => {
    const program = record?.processes[name]
    if (program?.identity === undefined || processIdentity(program.pid) !== program.identity) return
    if (await waitUntilGone(program.pid, program.identity, patienceMs)) return
    await terminate(program.pid, [{ signal: 'SIGKILL', waitMs: 2_000 }])
  })
  await Promise.all(waits)
  removeRunRecord(dataDir)
}
