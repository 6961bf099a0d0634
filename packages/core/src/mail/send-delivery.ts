import { authTokens, type Database, emailDeliveries, type Tx, users } from '@servicedesk/db'
import { eq, sql } from 'drizzle-orm'
import { hashToken, newToken } from '../auth/tokens.ts'
import { MailRejected, type MailSender } from '../shared/ports.ts'
import { claimDelivery } from './claim-delivery.ts'

const TOKEN_HOURS = { invitation: 72, password_reset: 2, verify_email: 72 } as const
type TokenTemplate = keyof typeof TOKEN_HOURS

const carriesToken = (template: string): template is TokenTemplate => Object.hasOwn(TOKEN_HOURS, template)

/** What became of one try. */
export type SendOutcome =
  | { status: 'sent' }
  | { status: 'rejected'; reason: string }
  | { status: 'gone' }
  /** Later mail had said more; settled, nothing is owed. */
  | { status: 'discarded'; reason: string }

/**
 * Sends one delivery; the slow part, outside any transaction. Between the mail server's answer and
 * {@link recordSent} lies the window in which a crash sends a copy, under the same Message-ID.
 * @throws whatever the mail server's absence throws, or EarlierMailUnderWay: to be tried again
 */
export async function sendDelivery(
  db: Database,
  send: MailSender,
  deliveryId: string,
  now: Date,
): Promise<SendOutcome> {
  const claim = await claimDelivery(db, deliveryId, now)
  if (claim.kind === 'gone') return { status: 'gone' }
  if (claim.kind === 'discarded') return { status: 'discarded', reason: claim.reason }
  const row = claim.delivery
  const [recipient] =
    row.userId === null
      ? []
      : await db.select({ name: users.name }).from(users).where(eq(users.id, row.userId))
  const token =
    carriesToken(row.template) && row.userId !== null
      ? await mintToken(db, row.template, row.userId, now)
      : null
  try {
    await send({
      deliveryId: row.id,
      template: row.template,
      to: row.toEmail,
      ticketId: row.ticketId,
      params: { ...row.params, recipient_name: recipient?.name ?? '', ...token },
    })
    return { status: 'sent' }
  } catch (error) {
    if (error instanceof MailRejected) return { status: 'rejected', reason: error.message }
    throw error
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
    .set({ lastError: reason.slice(0, 2_000), status: isFinal ? 'failed' : 'queued' })
    .where(
      sql`${emailDeliveries.id} = ${deliveryId} AND ${emailDeliveries.status} NOT IN ('sent', 'discarded')`,
    )
}
