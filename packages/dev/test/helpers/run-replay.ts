import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import type { Deps } from '../../src/replay/deps.ts'
import { main } from '../../src/replay/main.ts'
import type { Summary } from '../../src/replay/summary.ts'

/** Time that passes only while somebody waits for it. */
export function fakeTime(): Deps & { waits: number[] } {
  let now = 0
  const waits: number[] = []
  return {
    fetch: (...args) => fetch(...args),
    now: () => now,
    waits,
    wait(ms) {
      const until = now + ms
      waits.push(ms)
      return new Promise((resolve) => {
        setImmediate(() => {
          now = Math.max(now, until)
          resolve()
        })
      })
    },
  }
}

function sink() {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream, text: () => chunks.join('') }
}

export interface Ended {
  code: number
  out: string
  err: string
}

/** Runs the command as the shell would. */
export async function runReplay(args: readonly string[], deps: Deps = fakeTime()): Promise<Ended> {
  const [out, err] = [sink(), sink()]
  const code = await main(args, { stdout: out.stream, stderr: err.stream }, deps)
  return { code, out: out.text(), err: err.text() }
}

/** Runs it with --json against a server. */
export async function replayed(url: string, args: readonly string[], deps?: Deps) {
  const ended = await runReplay([...args, '--url', url, '--json'], deps)
  if (ended.out === '') throw new Error(`no summary: ${ended.err}`)
  return { ...ended, summary: JSON.parse(ended.out) as Summary }
}

/** A folder for one test. */
export function folder(t: { teardown(cleanUp: () => void): unknown }): string {
  const dir = mkdtempSync(join(tmpdir(), 'servicedesk-replay-'))
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A file of this many good rows; row 1 is on line 2. */
export function rowsFile(t: Parameters<typeof folder>[0], count: number): string {
  const rows = Array.from({ length: count }, (_, i) => `Title ${i + 1},The long body of row ${i + 1}`)
  return csvFile(t, ['title,body', ...rows].join('\n'))
}

export function csvFile(t: Parameters<typeof folder>[0], text: string): string {
  const file = join(folder(t), 'tickets.csv')
  writeFileSync(file, text)
  return file
}
