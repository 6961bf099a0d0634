import type { Sql } from 'postgres'
import { ask } from '../http/ask.ts'
import { type Drive, drive } from '../http/drive.ts'
import { NEW_TICKET } from '../tickets/measure-create.ts'

export const SECONDS = 8

export interface FlatOut {
  /** Tickets a second. */
  created: number
  assigned: number
  /** What waited more with every second of the second half. */
  growth: number
  backlogs: number[]
}

/** Creates as fast as answers come, beginning when nothing waits. @throws Error when what waits is not assigned afterwards */
export async function createFlatOut(sql: Sql, asked: Drive): Promise<FlatOut> {
  await drained(sql)
  const before = await assignedCount(sql)
  const backlogs: number[] = []
  const watch = setInterval(() => void waitingCount(sql).then((each) => backlogs.push(each)), 1_000)
  const { perSecond } = await drive(asked, SECONDS)
  clearInterval(watch)
  const assigned = ((await assignedCount(sql)) - before) / SECONDS
  const backlog = await waitingCount(sql)
  await drained(sql)
  const late = backlogs.slice(Math.floor(backlogs.length / 2))
  const growth = (backlog - (late[0] ?? backlog)) / Math.max(1, late.length)
  return { created: perSecond, assigned, growth, backlogs: [...backlogs, backlog] }
}

/** Tickets that wait for an agent. */
async function waitingCount(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    SELECT count(*)::int AS n FROM tickets
    WHERE assigned_to IS NULL AND deleted_at IS NULL AND status_class IN ('new', 'open', 'pending')`
  return row?.n ?? 0
}

async function assignedCount(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`SELECT count(*)::int AS n FROM assignments`
  return row?.n ?? 0
}

/** @throws Error when tickets still wait after two minutes */
export const drained = (sql: Sql): Promise<void> =>
  untilNone(() => waitingCount(sql), 120_000, 'tickets wait for an agent')

/** @throws Error when something is still owed, such as mail, after five minutes */
export const idle = (sql: Sql): Promise<void> => untilNone(() => owedCount(sql), 300_000, 'jobs are owed')

async function owedCount(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    SELECT count(*)::int AS n FROM outbox WHERE done_at IS NULL AND failed_at IS NULL AND available_at <= now()`
  return row?.n ?? 0
}

async function untilNone(count: () => Promise<number>, ms: number, what: string): Promise<void> {
  const until = performance.now() + ms
  for (let left = await count(); left > 0; left = await count()) {
    if (performance.now() > until) throw new Error(`${left} ${what} though there is a worker`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Milliseconds from the request to the moment from which others can see who has the ticket. */
export async function timeOfOne(sql: Sql, url: string, token: string): Promise<number> {
  const started = performance.now()
  const { id } = await ask<{ id: number }>('POST', `${url}/tickets`, token, NEW_TICKET)
  for (;;) {
    const [row] = await sql<
      { assigned: boolean }[]
    >`SELECT assigned_to IS NOT NULL AS assigned FROM tickets WHERE id = ${id}`
    if (row?.assigned) return performance.now() - started
    if (performance.now() - started > 10_000) throw new Error(`ticket ${id} has no agent after 10 s`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
