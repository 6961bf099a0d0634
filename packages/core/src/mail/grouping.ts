/**
 * Templates whose mails are grouped per person and ticket: what happened, for those who follow it. The others ask
 * somebody to act (assignment, escalation and the like), are the words of staff, or are about an account, and leave at
 * once by themselves.
 */
const GROUPED: ReadonlySet<string> = new Set([
  'new_message',
  'mention',
  'status_change',
  'ticket_created',
  'assignment_copy',
  'sla_warning',
  'file_rejected',
  'alert',
])

/** The template of a group that tells of things of several kinds. */
export const UPDATE_TEMPLATE = 'ticket_update'

/** As many things of a group are kept whole; older ones are counted. */
export const MOST_ITEMS = 50

export function isGroupable(template: string): boolean {
  return GROUPED.has(template)
}
