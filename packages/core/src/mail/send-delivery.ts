import { authTokens, type Database, emailDeliveries, type Tx } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import { hashToken, newToken } from '../auth/tokens.ts'
import { MailRejected, type MailSender } from '../shared/ports.ts'
import { claimDelivery, EarlierMailUnderWay } from './claim-delivery.ts'

const TOKEN_HOURS = { invitation: 72, password_reset: 2, verify_email: 72 } as const
type TokenTemplate = keyof typeof TOKEN_HOURS

const carriesToken = (template: string): template is TokenTemplate => Object.hasOwn(TOKEN_HOURS, template)

/** A mail that had to go first could not be sent; its failure is the caller's to record. */
export class EarlierMailFailed extends Error {
  override name = 'EarlierMailFailed'
  readonly deliveryId: string

  constructor(deliveryId: string, cause: unknown) {
    super('an earlier mail about the ticket could not be sent', { cause })
    this.deliveryId = deliveryId
  }
}

/** What became of one try. */
export type SendOutcome =
  | { status: 'sent' }
  | { status: 'rejected'; reason: string }
  | { status: 'gone' }
  /** Later mail had said more, or its recipient may not get it; settled, nothing is owed. */
  | { status: 'discarded'; reason: string }

/**
 * Sends one delivery, and before it those that are owed to the same person for earlier events of the same ticket; the
 * slow part, outside any transaction. Between the mail server's answer and
 * {@link recordSent} lies the window in which a crash sends a copy, under the same Message-ID.
 * @param by the delivery whose job sends it; only {@link sendDelivery} itself names another
 * @throws whatever the mail server's absence throws, EarlierMailUnderWay or EarlierMailFailed: to be tried again
 */
export async function sendDelivery(
  db: Database,
  send: MailSender,
  deliveryId: string,
  now: Date,
  by = deliveryId,
): Promise<SendOutcome> {
  const claim = await claimDelivery(db, deliveryId, now, by)
  if (claim.kind === 'gone') return { status: 'gone' }
  if (claim.kind === 'discarded') return { status: 'discarded', reason: claim.reason }
  if (claim.kind === 'after') {
    for (const earlier of claim.earlier) await sendEarlier(db, send, earlier, now, by)
    return sendDelivery(db, send, deliveryId, now, by)
  }
  const { delivery: row, content } = claim
  const token =
    carriesToken(row.template) && row.userId !== null
      ? await mintToken(db, row.template, row.userId, now)
      : null
  try {
    await send({
      deliveryId: row.id,
      template: content.template,
      to: row.toEmail,
      ticketId: row.ticketId,
      params: { ...content.params, ...token },
    })
    return { status: 'sent' }
  } catch (error) {
    if (error instanceof MailRejected) return { status: 'rejected', reason: error.message }
    throw error
  }
}

/** Does for an earlier mail what its own job would have done, which finds it settled when it comes. */
async function sendEarlier(
  db: Database,
  send: MailSender,
  deliveryId: string,
  now: Date,
  by: string,
): Promise<void> {
  try {
    const outcome = await sendDelivery(db, send, deliveryId, now, by)
    if (outcome.status === 'sent') await db.transaction((tx) => recordSent(tx, deliveryId, now))
    // Its own job finds out once more that it is refused, and is a dead letter then.
    if (outcome.status === 'rejected') await recordFailure(db, deliveryId, outcome.reason, true)
  } catch (error) {
    const isTold = error instanceof EarlierMailUnderWay || error instanceof EarlierMailFailed
    throw isTold ? error : new EarlierMailFailed(deliveryId, error)
  }
}

/** One-time tokens are made while rendering and only their hash is stored: none is ever in Redis or the outbox. */
async function mintToken(
  db: Database,
  purpose: TokenTemplate,
  userId: number,
  now: Date,
): Promise<{ token: string; expires_at: string }> {
  const token = newToken()
  const expiresAt = new Date(now.getTime() + TOKEN_HOURS[purpose] * 3_600_000)
  await db.insert(authTokens).values({ hash: hashToken(token), userId, purpose, createdAt: now, expiresAt })
  return { token, expires_at: expiresAt.toISOString() }
}

/** Records that the mail server took it. */
export async function recordSent(tx: Tx, deliveryId: string, now: Date): Promise<void> {
  await tx
    .update(emailDeliveries)
    .set({ status: 'sent', sentAt: now, lastError: null })
    .where(eq(emailDeliveries.id, deliveryId))
    .prepare('delivery_sent')
    .execute()
}

/** Records that a delivery will not be tried again, or why the last try failed. */
export async function recordFailure(
  db: Database | Tx,
  deliveryId: string,
  reason: string,
  isFinal: boolean,
): Promise<void> {
  await db
    .update(emailDeliveries)
    .set({
      lastError: reason.slice(0, 2_000),
      ...(isFinal ? { status: 'failed', isOpen: false } : { status: 'queued' }),
    })
    .where(
      sql`${emailDeliveries.id} = ${deliveryId} AND ${emailDeliveries.status} NOT IN ('sent', 'discarded')`,
    )
}
