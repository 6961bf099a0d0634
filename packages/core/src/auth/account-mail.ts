import { emailDeliveries, type Tx, type users } from '@servicedesk/db'
import { emit, noteEmitted, takeEmitted } from '@servicedesk/jobs/emit'
import { and, eq, gt, sql, TransactionRollbackError } from 'drizzle-orm'

/** What accounts are mailed: each with a link that works once. */
export type AccountMail = 'invitation' | 'password_reset' | 'verify_email'

/** Nobody's mailbox is filled by others who ask for resets: one in this time. */
const RESET_PAUSE_MS = 60_000

/** Owes an account its mail; the token in it is minted when it is sent. */
export async function oweAccountMail(
  tx: Tx,
  user: { id: number | null; email: string },
  template: AccountMail,
  now: Date,
): Promise<void> {
  const [delivery] = await tx
    .insert(emailDeliveries)
    .values({
      id: sql`uuidv7()`,
      template,
      userId: user.id,
      toEmail: user.email,
      params: {},
      status: 'queued',
      createdAt: now,
    })
    .returning({ id: emailDeliveries.id })
  if (delivery === undefined) throw new Error('insert returned no row')
  await emit(tx, 'email.send', { delivery_id: delivery.id })
}

/**
 * Owes a reset mail to the account behind an address, unless there is none or it had one just now. Whether there is can
 * be told from neither the answer nor its time: what is not to be owed is written all the same, and taken back before
 * the commit.
 */
export async function oweReset(
  tx: Tx,
  address: string,
  user: Pick<typeof users.$inferSelect, 'id' | 'email'> | undefined,
  now: Date,
): Promise<void> {
  const lately = await tx
    .select({ id: emailDeliveries.id })
    .from(emailDeliveries)
    .where(
      and(
        eq(emailDeliveries.userId, user?.id ?? 0),
        eq(emailDeliveries.template, 'password_reset'),
        gt(emailDeliveries.createdAt, new Date(now.getTime() - RESET_PAUSE_MS)),
      ),
    )
    .limit(1)
  const isOwed = user !== undefined && lately.length === 0
  const attempt = tx.transaction(async (inner) => {
    await oweAccountMail(inner, user ?? { id: null, email: address }, 'password_reset', now)
    if (!isOwed) inner.rollback()
    return takeEmitted(inner)
  })
  noteEmitted(
    tx,
    await attempt.catch((error: unknown) => {
      if (error instanceof TransactionRollbackError) return []
      throw error
    }),
  )
}
