import type { DeliveryItem, emailDeliveries } from '@servicedesk/db'
import { UPDATE_TEMPLATE } from './grouping.ts'
import type { Recipient } from './recipient.ts'

type Delivery = typeof emailDeliveries.$inferSelect

/** Mail that only staff get: who is none any more when it is sent does not. */
const FOR_STAFF: ReadonlySet<string> = new Set([
  'assignment',
  'assignment_copy',
  'escalation',
  'sla_violation',
  'sla_warning',
  'ticket_created',
  'waiting',
])

/** What a mail says. */
export interface Content {
  template: string
  params: Record<string, unknown>
}

/**
 * What a delivery says to its recipient, in the order of events. A group with a single thing in it reads like the mail
 * of that thing, one with messages only like a mail of messages.
 * @returns undefined when nothing is left of it that the recipient may know
 */
export function contentOf(delivery: Delivery, recipient: Recipient | undefined): Content | undefined {
  const isStaff = recipient?.isStaff ?? false
  const mayKnow = ({ template, params }: Content) =>
    isStaff || (!FOR_STAFF.has(template) && params.internal !== true)
  const about = {
    recipient_name: recipient?.name ?? '',
    // As it is now: all mails about a ticket have one subject, by which mail programs keep them together.
    ...(recipient?.ticket ? { title: recipient.ticket.title } : {}),
  }
  const { template, params, items, earlierItems } = delivery
  if (items === null) {
    return mayKnow({ template, params }) ? { template, params: { ...params, ...about } } : undefined
  }
  const known = items.filter(mayKnow).toSorted(byEvent)
  const [first] = known
  if (first === undefined) return undefined
  if (known.length === 1 && earlierItems === 0) {
    return { template: first.template, params: { ...first.params, ...about } }
  }
  const kind = known.every((item) => item.template === 'new_message') ? 'new_message' : UPDATE_TEMPLATE
  return { template: kind, params: { ...about, items: known, earlier: earlierItems } }
}

const byEvent = (a: DeliveryItem, b: DeliveryItem) => (a.event_seq ?? 0) - (b.event_seq ?? 0)
