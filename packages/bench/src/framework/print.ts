import { type Figure, type Result, ratioOf, reaches, spreadOf, type Target } from './figure.ts'

/** `10k`, `1M`; empty for no scale. */
export function scaleName(scale: number | null): string {
  if (scale === null) return ''
  if (scale % 1_000_000 === 0) return `${scale / 1_000_000}M`
  return scale % 1_000 === 0 ? `${scale / 1_000}k` : String(scale)
}

/** With three digits that count, and thousands apart. */
export function numberText(value: number): string {
  if (value === 0) return '0'
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}

/** `0.64 (0.61–0.66)`. */
function spreadText(values: { median: number; least: number; most: number }): string {
  const [median, least, most] = [values.median, values.least, values.most].map((each) => each.toFixed(2))
  return least === most ? `${median}` : `${median} (${least}–${most})`
}

const withUnit = (value: number, unit: string) =>
  `${numberText(value)}${unit === '' || unit.startsWith('/') ? unit : ` ${unit}`}`

function targetText(figure: Figure, target: Target): string {
  const sign = target.of === 'ratio' || figure.better === 'more' ? '≥' : '≤'
  const wanted = target.of === 'ratio' ? `ratio ${target.is}` : withUnit(target.is, figure.unit)
  return `${sign} ${wanted} ${reaches(figure, target) ? 'met' : 'MISSED'}`
}

/** The cells of a figure: name, scale, value, floor, ratio, targets. */
export function cellsOf(result: Result): string[] {
  const { median, least, most } = spreadOf(result.rounds)
  const range = least === most ? '' : ` (${numberText(least)}–${numberText(most)})`
  const ratio = ratioOf(result)
  return [
    result.name,
    scaleName(result.scale),
    `${withUnit(median, result.unit)}${range}`,
    result.floor === undefined
      ? ''
      : `${withUnit(spreadOf(result.floor.rounds).median, result.unit)} ${result.floor.name}`,
    ratio === undefined ? '' : spreadText(ratio),
    (result.targets ?? []).map((target) => targetText(result, target)).join(', '),
  ]
}

const HEADINGS = ['measure', 'tickets', 'median (least–most)', 'floor', 'ratio to the floor', 'target']

/** Lines with columns for a terminal. */
export function tableText(results: readonly Result[]): string[] {
  const rows = [HEADINGS, ...results.map(cellsOf)]
  const widths = HEADINGS.map((_, at) => Math.max(...rows.map((cells) => cells[at]?.length ?? 0)))
  return rows.map((cells) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('   ')
      .trimEnd(),
  )
}

/** The same as a table in Markdown. */
export function tableMarkdown(results: readonly Result[]): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(HEADINGS), line(HEADINGS.map(() => '---')), ...results.map((result) => line(cellsOf(result)))]
}
