import { readFileSync } from 'node:fs'
import { CsvError, parse } from 'csv-parse/sync'
import { UserError } from '../user-error.ts'

/** A row as the file has it; a member is empty where the file has nothing. */
export interface SourceRow {
  /** The line of the file that it begins at; the header is line 1. */
  line: number
  title: string
  body: string
  category: string
  urgency: string
  impact: string
}

/**
 * The first rows of a CSV file.
 * @throws UserError when it cannot be read, is no CSV, or lacks a column
 */
export function readRows(file: string, limit?: number): SourceRow[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  try {
    return parseRows(text, limit)
  } catch (error) {
    if (error instanceof CsvError || error instanceof UserError) {
      throw new UserError(`${file} is no file of tickets: ${error.message}`)
    }
    throw error
  }
}

/**
 * The rows of a CSV text.
 * @throws CsvError when it is no CSV, UserError when it lacks a column
 */
export function parseRows(text: string, limit?: number): SourceRow[] {
  const parsed: Parsed[] = parse(text, {
    bom: true,
    columns: (header: string[]) => checkHeader(header.map((name) => name.trim().toLowerCase())),
    info: true,
    // People's files are odd: a row with a column too few or a quote too many is still a ticket.
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    ...(limit === undefined ? {} : { to: limit }),
  })
  return parsed.map(({ record, info }) => {
    const lineBreaks = Object.values(record).join('').split('\n').length - 1
    const { title = '', body = '', category = '', urgency = '', impact = '' } = record
    return { line: info.lines - lineBreaks, title, body, category, urgency, impact }
  })
}

interface Parsed {
  record: Record<string, string | undefined>
  /** `lines` counts to where the record ends. */
  info: { lines: number }
}

function checkHeader(names: string[]): string[] {
  const missing = ['title', 'body'].filter((name) => !names.includes(name))
  if (missing.length === 0) return names
  throw new UserError(
    `its first line must name the columns title and body; ${missing.join(' and ')} is missing`,
  )
}
