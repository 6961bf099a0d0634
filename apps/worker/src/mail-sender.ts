import { MailRejected, type MailSender, ticketRef } from '@servicedesk/core'
import { type Brand, type Mailer, MailRefused, mailHeaders, messageId, renderMail } from '@servicedesk/mail'
import { paramsOf, templateOf } from './mail-params.ts'

export interface MailAddresses {
  /** Where people read tickets. */
  webUrl: string
  /** The right side of Message-IDs. */
  domain: string
  /** What mails call the desk. */
  productName: string
}

/** Mail that is a part of having an account: nobody can do without it. */
const ACCOUNT: ReadonlySet<string> = new Set(['invitation', 'password_reset', 'verify_email'])

/** Renders a delivery and hands it to the mail server, under a Message-ID that a second try repeats. */
export function createMailSender(mailer: Mailer, addresses: MailAddresses): MailSender {
  const { webUrl, domain, productName } = addresses
  const brand: Brand = { productName, preferencesUrl: `${webUrl}/settings/notifications` }
  return async (mail) => {
    const template = templateOf(mail)
    const headers = mailHeaders({
      domain,
      productName,
      ticketRef: mail.ticketId === null ? undefined : ticketRef(mail.ticketId),
      preferencesUrl: ACCOUNT.has(template) ? undefined : brand.preferencesUrl,
    })
    try {
      await mailer.send({
        ...renderMail(template, paramsOf(template, mail, webUrl), brand),
        to: mail.to,
        messageId: messageId(mail.deliveryId, domain),
        headers,
      })
    } catch (error) {
      if (error instanceof MailRefused) throw new MailRejected(error.message)
      throw error
    }
  }
}
