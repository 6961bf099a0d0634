/** A sample ticket and how far it has come. */
export interface SampleTicket {
  title: string
  description: string
  priority: string
  category: string
  /** Index of the requester and of the staff member who has it; null waits in a team without agents. */
  requester: number
  assignee: number | null
  /** Hours before the load at which it was reported; short enough that no promise is broken at the start. */
  hoursAgo: number
  status: 'New' | 'Open' | 'In Progress' | 'Pending' | 'Resolved' | 'Closed'
  answer?: string
}

/** Seven are active and one with each agent and the supervisor: everybody starts equal. */
export const sampleTickets: SampleTicket[] = [
  ticket(
    'Meeting room projector shows a green tint',
    'Since this morning the projector in room Oslo shows everything in green, with every laptop.',
    'Medium',
    'Hardware',
    0,
    null,
    1.5,
    'New',
  ),
  ticket(
    'Badge does not open the archive door',
    'My badge opens all doors but the archive. It worked until last week and I need the files there.',
    'Low',
    'Access',
    1,
    null,
    2,
    'New',
  ),
  ticket(
    'Cannot print double sided',
    'The printer on floor 3 prints one side only, whatever I choose in the dialog.',
    'Low',
    'Hardware',
    2,
    0,
    3,
    'Open',
  ),
  ticket(
    'Shared mailbox missing after migration',
    'The mailbox invoices@ is gone from my list since the migration on the weekend.',
    'Medium',
    'Email',
    0,
    1,
    2,
    'Open',
  ),
  ticket(
    'VPN drops every ten minutes',
    'Working from home the VPN disconnects every ten minutes and reconnects after about a minute.',
    'High',
    'Network',
    1,
    2,
    0.75,
    'In Progress',
    'I see the drops in the log of the gateway and have moved you to another one. Is it better?',
  ),
  ticket(
    'Licence for the drawing program expired',
    'The drawing program says that the licence expired yesterday; the whole team is affected.',
    'High',
    'Software',
    2,
    3,
    0.8,
    'In Progress',
    'The renewal is ordered; you can work with the trial until it is here.',
  ),
  ticket(
    'New colleague needs access to the ledger',
    'Our new colleague starts on Monday and needs the same roles as I have in the ledger.',
    'Medium',
    'Access',
    0,
    4,
    5,
    'In Progress',
    'Roles are prepared, waiting for the account to be created tonight.',
  ),
  ticket(
    'Laptop battery lasts twenty minutes',
    'The battery of my laptop is empty after twenty minutes, although it was replaced a year ago.',
    'Medium',
    'Hardware',
    1,
    5,
    6,
    'Pending',
    'A new battery is ordered and will arrive on Thursday.',
  ),
  ticket(
    'Suspicious mail with an invoice attached',
    'I got a mail from an unknown sender with an invoice as a zip file. I have not opened it.',
    'Medium',
    'Security',
    2,
    6,
    4,
    'Pending',
    'Thank you for not opening it. Please forward it to us as an attachment.',
  ),
  ticket(
    'Password reset for the time sheet',
    'I have forgotten my password for the time sheet and the reset mail does not arrive.',
    'High',
    'Access',
    0,
    0,
    28,
    'Resolved',
    'Your address was spelled wrong in the system. It is corrected and the mail is on its way.',
  ),
  ticket(
    'Screen flickers after the update',
    'Since the update of last night the external screen flickers every few seconds.',
    'Medium',
    'Hardware',
    1,
    2,
    30,
    'Resolved',
    'A newer driver is installed; please restart once.',
  ),
  ticket(
    'Calendar shows meetings an hour late',
    'All meetings of our partners abroad are shown an hour later than they take place.',
    'Low',
    'Email',
    2,
    1,
    52,
    'Closed',
    'The time zone of your profile was wrong. All meetings are right again.',
  ),
  ticket(
    'Wireless very slow in the canteen',
    'In the canteen the wireless network is so slow that calls break off.',
    'Low',
    'Network',
    0,
    4,
    75,
    'Closed',
    'The access point there is replaced and measured: 300 Mbit/s at every table.',
  ),
]

function ticket(
  title: string,
  description: string,
  priority: string,
  category: string,
  requester: number,
  assignee: number | null,
  hoursAgo: number,
  status: SampleTicket['status'],
  answer?: string,
): SampleTicket {
  const base = { title, description, priority, category, requester, assignee, hoursAgo, status }
  return answer === undefined ? base : { ...base, answer }
}
