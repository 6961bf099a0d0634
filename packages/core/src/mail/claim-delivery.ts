import { type Database, emailDeliveries, type Tx } from '@servicedesk/db'
import { and, asc, eq, isNotNull, sql } from 'drizzle-orm'

/**
 * Templates of which a later mail replaces an earlier one about the same ticket to the same person: they say how things
 * are. The others say what happened, once each, and are always sent.
 */
const ORDERED: ReadonlySet<string> = new Set(['status_change', 'assignment', 'escalation'])

/**
 * A mail that is `sending` for longer is not under way any more, since the mailer gives up after a minute: its worker
 * died, and the mail is tried again. (A worker that stood still for so long in the middle of sending and then went on
 * would still send a stale mail; the mail server can be asked nothing that would prevent it.)
 */
const UNDER_WAY_MS = 120_000

type Delivery = typeof emailDeliveries.$inferSelect

/** What is to be done with a delivery. */
export type Claim =
  | { kind: 'send'; delivery: Delivery }
  /** It is not there, or was settled before. */
  | { kind: 'gone' }
  | { kind: 'discarded'; reason: string }

/** An earlier mail is being sent this very moment; trying again in a moment keeps them in order. */
export class EarlierMailUnderWay extends Error {
  override name = 'EarlierMailUnderWay'
}

/**
 * Marks a delivery as `sending`, which is what keeps mails of an {@link ORDERED} template in the order of their events,
 * since no lock can be held while a mail server is spoken to: one that comes after a later one was sent or is being
 * sent is discarded, and one that comes while an earlier one is being sent has to wait. The rows of all such mails are
 * locked for the moment of deciding, so two that are claimed at once see each other.
 * @throws EarlierMailUnderWay
 */
export async function claimDelivery(db: Database, deliveryId: string, now: Date): Promise<Claim> {
  return db.transaction(async (tx) => {
    const [found] = await tx.select().from(emailDeliveries).where(eq(emailDeliveries.id, deliveryId))
    if (found === undefined) return { kind: 'gone' }
    const group = await lockGroup(tx, found)
    const own = group.find((each) => each.id === deliveryId)
    if (own === undefined || own.status === 'sent' || own.status === 'discarded') return { kind: 'gone' }
    const later = group.find(
      (each) => seqOf(each) > seqOf(own) && (each.status === 'sent' || each.status === 'sending'),
    )
    if (later !== undefined) return discard(tx, own, later)
    const earlier = group.find((each) => seqOf(each) < seqOf(own) && isUnderWay(each, now))
    if (earlier !== undefined) {
      throw new EarlierMailUnderWay(`the mail about event ${seqOf(earlier)} is being sent`)
    }
    const [delivery] = await tx
      .update(emailDeliveries)
      .set({ status: 'sending', sendingAt: now, attempts: sql`${emailDeliveries.attempts} + 1` })
      .where(eq(emailDeliveries.id, deliveryId))
      .returning()
    return delivery === undefined ? { kind: 'gone' } : { kind: 'send', delivery }
  })
}

/** The mails among which this one's place counts, itself included, locked as they are now. */
function lockGroup(tx: Tx, { id, template, ticketId, userId, eventSeq }: Delivery): Promise<Delivery[]> {
  const isOrdered = ORDERED.has(template) && ticketId !== null && userId !== null && eventSeq !== null
  return (
    tx
      .select()
      .from(emailDeliveries)
      .where(
        isOrdered
          ? and(
              eq(emailDeliveries.ticketId, ticketId),
              eq(emailDeliveries.userId, userId),
              eq(emailDeliveries.template, template),
              isNotNull(emailDeliveries.eventSeq),
            )
          : eq(emailDeliveries.id, id),
      )
      // All in one order, so that two claims never wait for each other.
      .orderBy(asc(emailDeliveries.id))
      .for('no key update')
  )
}

const seqOf = (delivery: Delivery) => delivery.eventSeq ?? 0

function isUnderWay({ status, sendingAt }: Delivery, now: Date): boolean {
  return status === 'sending' && sendingAt !== null && now.getTime() - sendingAt.getTime() < UNDER_WAY_MS
}

async function discard(tx: Tx, own: Delivery, later: Delivery): Promise<Claim> {
  const reason = `not sent: the mail about event ${seqOf(later)} had said more than this one about event ${seqOf(own)}`
  await tx
    .update(emailDeliveries)
    .set({ status: 'discarded', lastError: reason })
    .where(eq(emailDeliveries.id, own.id))
  return { kind: 'discarded', reason }
}
