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
  /** `TKT-1001` for mail about a ticket; account mail has none. */
  ticketRef?: string | undefined
}

/**
 * The headers that every mail of ours carries: it asks for no automatic replies (RFC 3834, and Exchange's own
 * header), and mail about one ticket is shown as one thread, because all of it answers a message that need not
 * exist, `<ticket-1001@domain>`.
 */
export function mailHeaders({ domain, ticketRef }: HeaderOptions): Record<string, string> {
  const common = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }
  if (ticketRef === undefined) return common
  const number = /^TKT-(\d+)$/.exec(ticketRef)?.[1]
  if (number === undefined) throw new RangeError('Not the number of a ticket')
  const thread = `<ticket-${number}@${checkedDomain(domain)}>`
  return {
    ...common,
    'In-Reply-To': thread,
    References: thread,
    'List-Id': `ServiceDesk tickets <tickets.${domain}>`,
  }
}

function checkedDomain(domain: string): string {
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(domain)) throw new RangeError('Not a domain for Message-IDs')
  return domain
}
