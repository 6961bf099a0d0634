import {
  EarlierMailFailed,
  EarlierMailUnderWay,
  type OutgoingMail,
  recordFailure,
  recordSent,
  sendDelivery,
} from '@servicedesk/core'
import { type DeliveryItem, emailDeliveries } from '@servicedesk/db'
import { asc, eq, sql } from 'drizzle-orm'
import type { CoreDesk } from './desk.ts'

/** What the worker does with mail, but for the queue: mails arrive in `arrived`, unless `judge` throws. */
export function createMailRun(desk: CoreDesk) {
  const { db } = desk
  const arrived: OutgoingMail[] = []
  const run = {
    arrived,
    /** Called as each mail is handed over. */
    judge: async (_mail: OutgoingMail): Promise<void> => undefined,
    /** One run of a delivery's job; answers the outcome's status. */
    async work(id: string): Promise<string> {
      const now = desk.clock.now()
      const send = async (mail: OutgoingMail) => {
        await run.judge(mail)
        arrived.push(mail)
      }
      try {
        const outcome = await sendDelivery(db, send, id, now)
        if (outcome.status === 'sent') await db.transaction((tx) => recordSent(tx, id, now))
        if (outcome.status === 'rejected') await recordFailure(db, id, outcome.reason, true)
        return outcome.status
      } catch (error) {
        if (error instanceof EarlierMailUnderWay) throw error
        if (error instanceof EarlierMailFailed) await recordFailure(db, error.deliveryId, 'again', false)
        await recordFailure(db, id, String(error), false)
        throw error
      }
    },
    /** Ids of the deliveries that wait to be sent, oldest first. */
    async waiting(): Promise<string[]> {
      const rows = await db
        .select({ id: emailDeliveries.id })
        .from(emailDeliveries)
        .where(sql`status IN ('queued', 'sending')`)
        .orderBy(asc(emailDeliveries.id))
      return rows.map((row) => row.id)
    },
    async row(id: string) {
      const [row] = await db.select().from(emailDeliveries).where(eq(emailDeliveries.id, id))
      if (row === undefined) throw new Error(`no delivery ${id}`)
      return row
    },
    rows: () => db.select().from(emailDeliveries).orderBy(asc(emailDeliveries.id)),
  }
  return run
}

/** The events that a mail tells of: a group's things, or the one of a mail that tells a single thing. */
export function toldIn(mail: OutgoingMail): unknown[] {
  const { items, ...single } = mail.params
  if (!Array.isArray(items)) return [single.said]
  return (items as DeliveryItem[]).map((item) => item.params.said)
}
