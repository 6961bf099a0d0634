/** What happened, in a sentence for people, from what its reader may see of its data. Unknown types (a newer release wrote them) show their name. */
export function describeEvent(type: string, data: Record<string, unknown>): string {
  const text = (key: string) => String(data[key] ?? 'none')
  const because = () => (data.reason === undefined ? '' : `: ${text('reason')}`)
  const metric = text('metric').replace('_', ' ')
  const sentences: Record<string, () => string> = {
    ticket_created: () => 'Ticket created',
    file_uploaded: () => `File uploaded: ${text('filename')}`,
    file_updated: () => `File updated: ${text('filename')}`,
    file_deleted: () => `File deleted: ${text('filename')}`,
    file_infected: () => `File quarantined: ${text('filename')} holds ${text('signature')}`,
    file_scan_failed: () => `File not scanned: ${text('filename')}${because()}`,
    message: () => 'Message sent',
    title_changed: () => `Title changed from "${text('from')}" to "${text('to')}"`,
    description_changed: () => 'Description changed',
    status_changed: () => `Status changed from ${text('from')} to ${text('to')}`,
    priority_changed: () => `Priority changed from ${text('from')} to ${text('to')}${because()}`,
    category_changed: () => `Category changed from ${text('from')} to ${text('to')}`,
    team_changed: () => `Team changed from ${text('from')} to ${text('to')}`,
    assigned: () => `Assigned to ${text('to_name')}${because()}`,
    unassigned: () => 'Returned to the queue',
    escalated: () => `Escalated to level ${text('level')}${because()}`,
    sla_warning: () => `Near its ${metric} target`,
    sla_breach: () => `Missed its ${metric} target`,
    mail_sent: () => `Mailed to ${[data.to_names].flat().join(', ')}: ${text('message')}`,
    watcher_added: () => `${text('user_name')} watches the ticket`,
    watcher_removed: () => `${text('user_name')} does not watch the ticket any more`,
    ticket_deleted: () => 'Ticket deleted',
  }
  return sentences[type]?.() ?? type.replaceAll('_', ' ')
}
