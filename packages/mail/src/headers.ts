import { webAddress } from './html.ts'
import { oneLine } from './text.ts'

/**
 * The Message-ID of a delivery, the same each time it is tried, so that a copy sent twice can be told as one.
 * `deliveryId` has letters, digits and dashes. Throws RangeError otherwise.
 */
export function messageId(deliveryId: string, domain: string): string {
  if (!/^[\w-]+$/.test(deliveryId)) throw new RangeError('Not the id of a delivery')
  return `<delivery-${deliveryId}@${checkedDomain(domain)}>`
}

export interface HeaderOptions {
  domain: string
  productName: string
  /** `TKT-1001` for mail about a ticket; account mail has none. */
  ticketRef?: string | undefined
  /** Where a person chooses what is mailed; for mail that can be chosen. */
  preferencesUrl?: string | undefined
}

/**
 * The headers that every mail of ours carries: it asks for no automatic replies (RFC 3834, and Exchange's own
 * header), mail that a person can do without says where to turn it off (RFC 2369), and mail about one ticket is shown
 * as one thread, because all of it answers a message that need not exist, `<ticket-1001@domain>`.
 */
export function mailHeaders(options: HeaderOptions): Record<string, string> {
  const { domain, productName, ticketRef, preferencesUrl } = options
  const headers: Record<string, string> = {
    'Auto-Submitted': 'auto-generated',
    'X-Auto-Response-Suppress': 'All',
  }
  if (preferencesUrl !== undefined) headers['List-Unsubscribe'] = `<${webAddress(preferencesUrl)}>`
  if (ticketRef === undefined) return headers
  const number = /^TKT-(\d+)$/.exec(ticketRef)?.[1]
  if (number === undefined) throw new RangeError('Not the number of a ticket')
  const thread = `<ticket-${number}@${checkedDomain(domain)}>`
  return {
    ...headers,
    'In-Reply-To': thread,
    References: thread,
    'List-Id': `${phrase(productName)} <tickets.${domain}>`,
  }
}

/** A name before an address in angle brackets: what would end the name or be read as something else is left out. */
function phrase(name: string): string {
  const words = oneLine(name.replace(/[<>()[\]\\,;:@".=?]/g, ' '))
  return `${[...words].slice(0, 60).join('')} tickets`.trim()
}

function checkedDomain(domain: string): string {
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(domain)) throw new RangeError('Not a domain for Message-IDs')
  return domain
}
