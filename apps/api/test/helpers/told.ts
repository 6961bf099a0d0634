import { alerts } from '@servicedesk/db'
import type { TestDesk } from '@servicedesk/testing'
import { asc, gt, max } from 'drizzle-orm'

/** Who is told of what `act` does: `name: alert_type`, in order of names. */
export async function toldBy(
  desk: TestDesk,
  people: Record<string, { id: number }>,
  act: () => Promise<unknown>,
): Promise<string[]> {
  const [before] = await desk.db.select({ id: max(alerts.id) }).from(alerts)
  await act()
  const rows = await desk.db
    .select()
    .from(alerts)
    .where(gt(alerts.id, before?.id ?? 0))
    .orderBy(asc(alerts.id))
  const nameOf = (id: number) => Object.entries(people).find(([, person]) => person.id === id)?.[0] ?? `${id}`
  return rows.map((row) => `${nameOf(row.userId)}: ${row.alertType}`).sort()
}
