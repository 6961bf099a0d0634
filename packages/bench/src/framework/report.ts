import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@servicedesk/dev'
import type { Result } from './figure.ts'
import type { Machine } from './machine.ts'

/** A whole run, as it is kept. */
export interface Report {
  /** When it began, ISO 8601. */
  at: string
  minutes: number
  machine: Machine
  /** The rounds that floor and product took turns. */
  rounds: number
  scales: number[]
  results: Result[]
}

export const RESULTS = join(repositoryRoot, 'packages', 'bench', 'results')

/** Keeps a run under its time; answers the file. */
export function writeReport(report: Report): string {
  mkdirSync(RESULTS, { recursive: true })
  const file = join(RESULTS, `${report.at.slice(0, 16).replace(/[:T]/g, '-')}.json`)
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`)
  return file
}

/** @throws Error when there is none */
export function newestReport(): Report {
  const [name] = readdirSync(RESULTS)
    .filter((each) => /^\d{4}-[\d-]+\.json$/.test(each))
    .sort()
    .slice(-1)
  if (name === undefined) throw new Error(`no results in ${RESULTS}: npm run bench makes them`)
  return JSON.parse(readFileSync(join(RESULTS, name), 'utf8')) as Report
}
