import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import {
  clearScratch,
  findClamd,
  freePort,
  makeScratch,
  readTestConfig,
  type ServerProcess,
  startServerProcess,
} from '@servicedesk/dev'
import type { ScannerSettings } from '@servicedesk/files'
import type { Teardown } from '../desk.ts'
import { until } from '../until.ts'

/** The standard's harmless test virus; in parts, or scanners would take this file for it. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join(
  '',
)

/** A real clamd, which knows one virus: {@link EICAR}. */
export interface OwnClamd {
  settings: ScannerSettings
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>
  /** Starts it again on its port; resolves when it answers. */
  start(): Promise<void>
}

/** A clamd of a test's own, gone with the test. @param streamMaxLength as clamd.conf has it */
export async function startOwnClamd(t: Teardown, streamMaxLength = '30M'): Promise<OwnClamd> {
  const scratch = makeScratch()
  // Redis's folders are every program's.
  const program = await findClamd({ ...readTestConfig(scratch).redis, log: () => undefined })
  const port = await freePort()
  const settings = {
    Foreground: 'yes',
    TCPSocket: port,
    TCPAddr: '127.0.0.1',
    DatabaseDirectory: folder(scratch, 'signatures'),
    TemporaryDirectory: folder(scratch, 'temporary'),
    StreamMaxLength: streamMaxLength,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`)
  const config = join(scratch, 'clamd.conf')
  writeFileSync(config, lines.join(''))
  const signature = `Eicar-Test-Signature:0:0:${Buffer.from(EICAR).toString('hex')}\n`
  writeFileSync(join(scratch, 'signatures', 'local.ndb'), signature)

  let server: ServerProcess | undefined
  const kill = async () => {
    await server?.stop('SIGKILL', 5_000)
  }
  const start = async () => {
    server = await startServerProcess({
      file: program.file,
      args: [`--config-file=${config}`],
      env: program.env,
      logFile: join(scratch, 'clamd.log'),
    })
    await until('clamd to answer', () => answers(port))
  }
  t.teardown(async () => {
    await kill()
    await clearScratch(scratch)
  })
  await start()
  return { settings: { host: '127.0.0.1', port }, kill, start }
}

function folder(scratch: string, name: string): string {
  const path = join(scratch, name)
  mkdirSync(path)
  return path
}

/** Asks it whether it lives. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('zPING\0'))
    socket.once('data', (data) => {
      resolve(data.toString() === 'PONG\0')
      socket.destroy()
    })
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
  })
}
