import type { Finding } from '../fault-judge/finding.ts'
import type { Recovery } from './recovery.ts'
import type { RunResult } from './run.ts'

/** The result for people: what was broken and how it recovered, what was counted, what is wrong. */
export function printResult(result: RunResult): string {
  return [
    `${result.faults} faults, seed ${result.seed}, ${result.seconds.toFixed(0)} s under load, drained in ${result.drainSeconds.toFixed(0)} s` +
      (result.control === undefined ? '' : ` — broken on purpose: ${result.control}`),
    '',
    table(
      ['fault', 'times', 'answers again', 'jobs done again', 'lost', 'doubled'],
      result.recoveries.map(recoveryRow),
    ),
    '',
    table(['counted at the end', 'number', 'lost', 'doubled', ''], result.findings.map(findingRow)),
    '',
    ...result.findings.flatMap(examples),
    `Requests: ${result.requests}; tried again: ${retries(result.retries)}`,
    result.lost + result.doubled === 0
      ? 'Nothing was lost, nothing was done twice.'
      : `LOST ${result.lost}, DONE TWICE ${result.doubled}.`,
  ].join('\n')
}

function recoveryRow(recovery: Recovery): string[] {
  const times = recovery.missed > 0 ? `${recovery.times} (${recovery.missed} missed)` : String(recovery.times)
  return [
    recovery.name,
    times,
    span(recovery.answers),
    span(recovery.jobs),
    String(recovery.lost),
    String(recovery.doubled),
  ]
}

/** Median and longest, in seconds. */
function span(seconds: readonly number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]
  const longest = sorted.at(-1)
  return median === undefined || longest === undefined
    ? '–'
    : `${median.toFixed(1)} / ${longest.toFixed(1)} s`
}

function findingRow({ check, counted, lost, doubled, note }: Finding): string[] {
  return [check, String(counted), String(lost.length), String(doubled.length), note ?? '']
}

const EXAMPLES = 5

function examples({ lost, doubled }: Finding): string[] {
  const lines = (label: string, wrong: Finding['lost']) => [
    ...wrong.slice(0, EXAMPLES).map(({ what }) => `  ${label}: ${what}`),
    ...(wrong.length > EXAMPLES ? [`  ${label}: … and ${wrong.length - EXAMPLES} more`] : []),
  ]
  return [...lines('lost', lost), ...lines('doubled', doubled)]
}

function retries(counts: Record<string, number>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a)
  return entries.map(([reason, times]) => `${reason} ${times}×`).join(', ') || 'none'
}

/** Columns as wide as their widest cell; all but the first and last are set to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 || header[column] === '' ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}
