import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

export interface Lines {
  /** Everything printed so far. */
  text(): string
  /** Resolves with the first line, printed already or later, that matches. Rejects when the program ends without it. */
  waitFor(pattern: RegExp): Promise<string>
  /** Resolves with the exit code, or the signal's name. */
  ended: Promise<number | string>
}

/** Follows what a program prints, on both streams. */
export function linesOf(child: ChildProcess): Lines {
  let text = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      for (const look of waiting) look()
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => signal ?? code)
  return {
    text: () => text,
    ended,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = text.split('\n').find((candidate) => pattern.test(candidate))
          if (line === undefined) return
          waiting.delete(look)
          resolve(line)
        }
        waiting.add(look)
        look()
        ended.then((how) => {
          look()
          if (waiting.has(look)) reject(new Error(`It ended (${how}) without ${pattern}:\n${text}`))
        })
      }),
  }
}
