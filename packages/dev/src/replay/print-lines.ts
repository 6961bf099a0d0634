import type { createColors } from 'picocolors'

const WIDTH = 80
const LABEL = 26
const UNKNOWN = 'unknown'

/** A line of one figure: numbers stand in one column; words begin where it ends. */
export function row(label: string, value: number | string | null | undefined): string {
  const text = value ?? UNKNOWN
  return clip(`  ${label.padEnd(LABEL)}${typeof text === 'number' ? String(text).padStart(6) : text}`)
}

export const detail = (label: string, words: string) => clip(`    ${label.padStart(10)}  ${words}`)

/** A heading after an empty line. */
export const section = (title: string, colors: Pick<ReturnType<typeof createColors>, 'bold'>) => [
  '',
  colors.bold(clip(title)),
]

/** A line of a table: a name, cut where it is too long, and numbers in columns. */
export function tableLine(name: string, cells: readonly (number | string)[]): string {
  const label = [...name]
    .slice(0, LABEL - 3)
    .join('')
    .padEnd(LABEL - 2)
  return clip(`    ${label}${cells.map((cell) => String(cell).padStart(12)).join('')}`)
}

/** At most 80 columns; line breaks and control characters of a server's words must not reach a terminal. */
export function clip(text: string): string {
  const clean = [...text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')]
  return clean.length <= WIDTH ? clean.join('') : `${clean.slice(0, WIDTH - 1).join('')}…`
}
