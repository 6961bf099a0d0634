import type { Sql } from 'postgres'
import type { Write } from '../fault-load/journal.ts'
import { judgeClocks } from './clocks.ts'
import { judgeAssignment, judgeJobs, judgeTimelines } from './effects.ts'
import { judgeFiles } from './files.ts'
import type { Finding } from './finding.ts'
import { judgeMails } from './mails.ts'
import { judgeSchedules } from './schedules.ts'
import { judgeWrites } from './writes.ts'

export interface Evidence {
  sql: Sql
  redisUrl: string
  writes: readonly Write[]
  mailbox: string
  files: string
}

/** Counts everything that was promised. */
export async function judge({ sql, redisUrl, writes, mailbox, files }: Evidence): Promise<Finding[]> {
  return [
    ...(await judgeWrites(sql, writes)),
    await judgeFiles(sql, files),
    await judgeJobs(sql),
    await judgeAssignment(sql),
    await judgeClocks(sql),
    await judgeTimelines(sql),
    await judgeMails(sql, mailbox),
    await judgeSchedules(redisUrl),
  ]
}
