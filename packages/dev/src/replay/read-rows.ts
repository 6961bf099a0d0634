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
  const bytes = Buffer.from(text)
  const [header, ...records] = parse(bytes, {
    bom: true,
    info: true,
    // People's files are odd: a row with a column too few or a quote too many is still a ticket.
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    ...(limit === undefined ? {} : { to: limit + 1 }),
  }) as unknown as Parsed[]
  const names = checkHeader(header?.record ?? [])
  const lineOf = createLineCounter(bytes, header?.info.bytes ?? 0)
  return records.map(({ record, info }) => {
    const cell = (name: string) => record[names.indexOf(name)] ?? ''
    return {
      line: lineOf(info.bytes),
      title: cell('title'),
      body: cell('body'),
      category: cell('category'),
      urgency: cell('urgency'),
      impact: cell('impact'),
    }
  })
}

interface Parsed {
  record: string[]
  /** `bytes` counts to the end of the record. Its `lines` is of no use: it takes a quoted CRLF for two. */
  info: { bytes: number }
}

/**
 * Counts lines on from record to record, because a record may have line breaks within it and empty lines before it.
 * @returns what takes the end of the next record and answers the line that it begins at
 */
function createLineCounter(bytes: Buffer, headerEnd: number): (end: number) => number {
  let [line, counted, previousEnd] = [1, 0, headerEnd]
  return (end) => {
    let begin = previousEnd
    while (bytes[begin] === LF || bytes[begin] === CR) begin += 1
    line += bytes.toString('utf8', counted, begin).split(/\r\n?|\n/).length - 1
    ;[counted, previousEnd] = [begin, end]
    return line
  }
}

const [LF, CR] = [0x0a, 0x0d]

function checkHeader(header: readonly string[]): string[] {
  const names = header.map((name) => name.trim().toLowerCase())
  const missing = ['title', 'body'].filter((name) => !names.includes(name))
  if (missing.length === 0) return names
  throw new UserError(
    `its first line must name the columns title and body; ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`,
  )
}
