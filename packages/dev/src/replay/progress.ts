import type { Writable } from 'node:stream'
import { SingleBar } from 'cli-progress'

/** Where progress is shown: a terminal gets a bar, anything else plain lines. */
export type ProgressStream = Writable & { isTTY?: boolean }

/** One stretch of work. */
export interface Progress {
  /** @param total may differ from the one before, as work is found */
  update(done: number, total: number, words?: string): void
  /** What holds it up, such as an outage; gone with the next update. */
  note(words: string): void
  end(): void
}

export type StartProgress = (label: string, total: number) => Progress

/** Shows progress on a stream. */
export function createProgress(stream: ProgressStream): StartProgress {
  const show = stream.isTTY ? showBar : showLines
  return (label, total) => show(stream, label.padEnd(8), total)
}

function showBar(stream: Writable, label: string, total: number): Progress {
  // Short enough for a note within 80 columns.
  const format = `${label} {bar} {percentage}% {value}/{total} {note}`
  const bar = new SingleBar({ stream, format, barsize: 30, barCompleteChar: '█', barIncompleteChar: '░' })
  bar.start(total, 0, { note: '' })
  return {
    update: (done, of, words = '') => {
      bar.setTotal(of)
      bar.update(done, { note: words })
    },
    note: (words) => bar.update({ note: words }),
    end: () => bar.stop(),
  }
}

/** A line for every tenth of the work, and one for every new note. */
function showLines(stream: Writable, label: string, total: number): Progress {
  let tenths = -1
  const noted = new Set<string>()
  const update = (done: number, of: number, words = '') => {
    const reached = of === 0 ? 10 : Math.floor((done / of) * 10)
    if (reached > tenths) stream.write(`${`${label} ${done}/${of} ${words}`.trimEnd()}\n`)
    tenths = Math.max(tenths, reached)
  }
  if (total > 0) update(0, total)
  return {
    update,
    note: (words) => {
      if (!noted.has(words)) stream.write(`${label} ${words}\n`)
      noted.add(words)
    },
    end: () => {},
  }
}
