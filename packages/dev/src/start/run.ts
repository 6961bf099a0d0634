import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StartConfig } from '../config.ts'
import { createSupervisor } from '../supervisor/supervisor.ts'
import { describeError } from '../user-error.ts'
import type { Addresses } from './app-environment.ts'
import { closingTable } from './closing-table.ts'
import { takeDataDir } from './data-dir.ts'
import { removeRunRecord, writeRunRecord } from './run-record.ts'
import { hasSampleData } from './sample-presence.ts'
import { logFile, mailboxDir, stopOrder } from './services.ts'
import { type StartDependencies, startAll } from './start-all.ts'
import { onStopSignal } from './stop-signals.ts'

export type RunDependencies = Pick<StartDependencies, 'programs' | 'migrate' | 'loadSampleData'>

/**
 * Runs ServiceDesk until a signal stops it.
 * @returns the exit code: 0 after running, 128 + signal when stopped while starting, 1 when it could not start
 */
export async function run(config: StartConfig, dependencies: RunDependencies): Promise<number> {
  const started = performance.now()
  const log = (line: string) => console.log(line)
  const releaseDataDir = takeDataDir(config.dataDir)
  const abort = new AbortController()
  let addresses: Addresses | undefined
  const record = (pids: Record<string, number>) => {
    if (addresses) writeRunRecord(config.dataDir, addresses, pids)
  }
  const supervisor = createSupervisor({ stopOrder, log, changed: record, signal: abort.signal })
  const located = (found: Addresses) => {
    addresses = found
    record(supervisor.pids())
  }
  const stopped = waitForStop(supervisor.force, log)
  const starting = startAll(config, { ...dependencies, supervisor, located, log, signal: abort.signal })
  let exitCode = 1
  try {
    const outcome = await Promise.race([starting, stopped])
    if (typeof outcome === 'string') {
      exitCode = 128 + constants.signals[outcome]
    } else {
      log(await tableFor(config, outcome, (performance.now() - started) / 1000))
      await stopped
      exitCode = 0
    }
  } catch (error) {
    console.error(describeError(error))
  }
  abort.abort(new Error('stopped'))
  const killed = await supervisor.stop()
  // Its failure is told, or it was stopped half-way; what it cannot be torn from (a hanging database) ends with us.
  await Promise.race([starting.catch(() => {}), sleep(2_000)])
  await supervisor.stop()
  removeRunRecord(config.dataDir)
  releaseDataDir()
  if (killed.length > 0) log(`Had to be killed: ${killed.join(', ')}`)
  if (exitCode !== 1) log('Stopped')
  return exitCode
}

/** Resolves at the first signal to stop, or when something went wrong that nobody caught. */
function waitForStop(force: () => void, log: (line: string) => void): Promise<NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    onStopSignal(
      (signal) => {
        log('Stopping… (once more to force)')
        resolve(signal)
      },
      () => {
        log('Stopping by force')
        force()
      },
    )
    process.on('uncaughtException', reject)
    // A closed pipe or terminal: there is nobody to talk to any more, but everything runs on.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  })
}

async function tableFor(config: StartConfig, addresses: Addresses, seconds: number): Promise<string> {
  return closingTable({
    url: addresses.url,
    seconds,
    sampleData: await hasSampleData(addresses.databaseUrl),
    mailbox: config.smtpUrl === undefined ? mailboxDir(config) : undefined,
    logs: logFile(config, '*'),
  })
}
