import type { ClockSnapshot } from '@servicedesk/core'
import { actOnBreach, type BreachActions } from '@servicedesk/core'
import { type Metric, outbox, slaClockEvents, slaClocks, slaPolicies, ticketEvents } from '@servicedesk/db'
import { and, asc, eq, isNull } from 'drizzle-orm'
import type { CoreDesk } from './desk.ts'

export async function clockOf(desk: CoreDesk, ticketId: number, metric: Metric) {
  const [row] = await desk.db
    .select()
    .from(slaClocks)
    .where(and(eq(slaClocks.ticketId, ticketId), eq(slaClocks.metric, metric)))
  return row!
}

/** A clock's row as the rules know it. */
export async function snapshotOfClock(
  desk: CoreDesk,
  ticketId: number,
  metric: Metric,
): Promise<ClockSnapshot> {
  const { eventSeq: _, ...row } = await clockOf(desk, ticketId, metric)
  return row
}

/** The types of a clock's log, in order. */
export async function clockLog(desk: CoreDesk, ticketId: number, metric: Metric): Promise<string[]> {
  const { id } = await clockOf(desk, ticketId, metric)
  const rows = await desk.db
    .select()
    .from(slaClockEvents)
    .where(eq(slaClockEvents.clockId, id))
    .orderBy(asc(slaClockEvents.seq))
  return rows.map((row) => row.type)
}

export async function eventsOf(desk: CoreDesk, ticketId: number, type: string) {
  return desk.db
    .select()
    .from(ticketEvents)
    .where(and(eq(ticketEvents.ticketId, ticketId), eq(ticketEvents.type, type)))
}

/** Gives every policy these targets, before the first ticket. */
export async function setTargets(desk: CoreDesk, firstResponseSeconds: number, resolutionSeconds: number) {
  await desk.db.update(slaPolicies).set({ firstResponseSeconds, resolutionSeconds })
}

/** Does the jobs that breaches owe, one after the other, each in a transaction of its own. */
export async function actOnBreaches(desk: CoreDesk): Promise<BreachActions[]> {
  const isOwed = and(eq(outbox.name, 'sla.act'), isNull(outbox.doneAt))
  const done: BreachActions[] = []
  for (;;) {
    const [job] = await desk.db.select().from(outbox).where(isOwed).orderBy(asc(outbox.id)).limit(1)
    if (job === undefined) return done
    const { clock_id } = job.payload as { clock_id: number }
    const configuration = await desk.configuration()
    done.push(await desk.db.transaction((tx) => actOnBreach(tx, configuration, clock_id, desk.clock.now())))
    await desk.db.update(outbox).set({ doneAt: new Date() }).where(eq(outbox.id, job.id))
  }
}
