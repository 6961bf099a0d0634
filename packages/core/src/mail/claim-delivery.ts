import { type Database, emailDeliveries, type Tx } from '@servicedesk/db'
import { and, asc, eq, isNotNull, or, sql } from 'drizzle-orm'
import { type Content, contentOf } from './content.ts'
import { obstacleTo, readRecipient } from './recipient.ts'

/**
 * Templates of which a later mail replaces an earlier one about the same ticket to the same person: they say how things
 * are. The others, and groups, say what happened, once each, and are always sent.
 */
const REPLACED: ReadonlySet<string> = new Set(['status_change', 'assignment', 'escalation'])

/**
 * A mail that is `sending` for longer is not under way any more, since the mailer gives up after a minute: its worker
 * died, and the mail is tried again. (A worker that stood still for so long in the middle of sending and then went on
 * would still send a stale mail; the mail server can be asked nothing that would prevent it.)
 */
const UNDER_WAY_MS = 120_000

type Delivery = typeof emailDeliveries.$inferSelect

/** What is to be done with a delivery. */
export type Claim =
  | { kind: 'send'; delivery: Delivery; content: Content }
  /** Mails of earlier events are owed to the same person still, and go first: their ids, oldest first. */
  | { kind: 'after'; earlier: string[] }
  /** It is not there, or was settled before. */
  | { kind: 'gone' }
  | { kind: 'discarded'; reason: string }

/** The mail, or an earlier one, is being sent this very moment by another job: it is tried again in a moment. */
export class EarlierMailUnderWay extends Error {
  override name = 'EarlierMailUnderWay'
}

/**
 * Marks a delivery as `sending`, unless its recipient may not get it any more, and closes it for good when it is a
 * group. This is what keeps mails about a ticket to a person in the order of their events, since no lock can be held
 * while a mail server is spoken to: one that comes while an earlier one is owed lets that go first, or waits while it
 * is being sent; one that comes after another had said more is discarded. The rows of all such mails are locked for the
 * moment of deciding, so two that are claimed at once see each other, and nothing joins a group unseen.
 * @param by the delivery whose job this is. What the same job has claimed before and not settled, because its worker
 *   died, it may claim again at once; what another job has claimed is left to it.
 * @throws EarlierMailUnderWay
 */
export async function claimDelivery(db: Database, deliveryId: string, now: Date, by: string): Promise<Claim> {
  return db.transaction(async (tx) => {
    const [found] = await tx
      .select()
      .from(emailDeliveries)
      .where(eq(emailDeliveries.id, deliveryId))
      .prepare('find_delivery')
      .execute()
    if (found === undefined) return { kind: 'gone' }
    const thread = await lockThread(tx, found)
    const own = thread.find((each) => each.id === deliveryId)
    if (own === undefined || own.status === 'sent' || own.status === 'discarded') return { kind: 'gone' }
    if (isUnderWay(own, now, by)) throw new EarlierMailUnderWay('another job sends it with a later mail')
    const recipient = await readRecipient(tx, own)
    const content = contentOf(own, recipient)
    const obstacle = obstacleTo(recipient) ?? (content ? undefined : 'not sent: it is for staff only')
    if (obstacle !== undefined || content === undefined) return discard(tx, own, obstacle ?? '')
    const later = thread.find((each) => isReplacedBy(own, each))
    if (later !== undefined) return discard(tx, own, replaced(own, later))
    const earlier = thread.filter((each) => seqOf(each) < seqOf(own) && isOwed(each))
    const underWay = earlier.find((each) => isUnderWay(each, now, by))
    if (underWay !== undefined) {
      throw new EarlierMailUnderWay(`the mail about event ${seqOf(underWay)} is being sent`)
    }
    const first = earlier.filter((each) => !areReplaceable(each, own))
    if (first.length > 0) {
      return { kind: 'after', earlier: first.sort((a, b) => seqOf(a) - seqOf(b)).map(({ id }) => id) }
    }
    const [delivery] = await tx
      .update(emailDeliveries)
      .set({
        status: 'sending',
        isOpen: false,
        sendingAt: now,
        claimedBy: by,
        attempts: sql`${emailDeliveries.attempts} + 1`,
      })
      .where(eq(emailDeliveries.id, deliveryId))
      .returning()
      .prepare('claim_delivery')
      .execute()
    return delivery === undefined ? { kind: 'gone' } : { kind: 'send', delivery, content }
  })
}

/** The mails among which this one's place counts, itself included, locked as they are now. */
function lockThread(tx: Tx, { id, template, ticketId, userId, eventSeq }: Delivery): Promise<Delivery[]> {
  const isOrdered = ticketId !== null && userId !== null && eventSeq !== null
  const { ticketId: ticket, userId: user, eventSeq: seq, status } = emailDeliveries
  const isLike = REPLACED.has(template) ? eq(emailDeliveries.template, template) : undefined
  const matters = or(sql`${status} IN ('queued', 'sending')`, isLike)
  return (
    tx
      .select()
      .from(emailDeliveries)
      .where(
        isOrdered
          ? or(
              eq(emailDeliveries.id, id),
              and(eq(ticket, ticketId), eq(user, userId), isNotNull(seq), matters),
            )
          : eq(emailDeliveries.id, id),
      )
      // All in one order, so that two claims never wait for each other.
      .orderBy(asc(emailDeliveries.id))
      .for('no key update')
      .prepare('lock_thread')
      .execute()
  )
}

const seqOf = (delivery: Delivery) => delivery.eventSeq ?? 0

const isOwed = ({ status }: Delivery) => status === 'queued' || status === 'sending'

/** Both say how the same thing is, so the later one is enough. */
function areReplaceable(one: Delivery, other: Delivery): boolean {
  return (
    one.template === other.template &&
    REPLACED.has(one.template) &&
    one.items === null &&
    other.items === null
  )
}

function isReplacedBy(own: Delivery, other: Delivery): boolean {
  const isOut = other.status === 'sent' || other.status === 'sending'
  return isOut && seqOf(other) > seqOf(own) && areReplaceable(own, other)
}

function isUnderWay({ id, status, sendingAt, claimedBy }: Delivery, now: Date, by: string): boolean {
  if (status !== 'sending' || sendingAt === null || (claimedBy ?? id) === by) return false
  return now.getTime() - sendingAt.getTime() < UNDER_WAY_MS
}

const replaced = (own: Delivery, later: Delivery) =>
  `not sent: the mail about event ${seqOf(later)} had said more than this one about event ${seqOf(own)}`

async function discard(tx: Tx, own: Delivery, reason: string): Promise<Claim> {
  await tx
    .update(emailDeliveries)
    .set({ status: 'discarded', isOpen: false, lastError: reason })
    .where(eq(emailDeliveries.id, own.id))
  return { kind: 'discarded', reason }
}
