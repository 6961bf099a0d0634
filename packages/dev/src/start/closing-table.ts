import pc from 'picocolors'

export interface TableFacts {
  url: string
  seconds: number
  /** The sample organisation is there. */
  sampleData: boolean
  /** Where mails are kept, or undefined when they are really sent. */
  mailbox: string | undefined
  logs: string
}

/** What a person needs to know once everything runs. */
export function closingTable({ url, seconds, sampleData, mailbox, logs }: TableFacts): string {
  const rows: [string, string][] = [
    ['API', `${url}/api/v1`],
    ['Documentation', `${url}/docs`],
    ['Queue dashboard', `${url}/admin/queues`],
    ...(sampleData ? signIns : []),
    ...(mailbox === undefined ? [] : ([['Mailbox', mailbox]] as [string, string][])),
    ['Logs', logs],
  ]
  const width = Math.max(...rows.map(([label]) => label.length))
  const lines = rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`)
  return [
    '',
    pc.bold(`ServiceDesk runs (ready in ${seconds.toFixed(1)} s). Ctrl-C stops it.`),
    '',
    ...lines,
    '',
  ].join('\n')
}

const signIns: [string, string][] = [
  ['Sign in as', 'admin@example.com, supervisor@example.com,'],
  ['', 'agent1@example.com to agent6@example.com, user1@example.com to user3@example.com'],
  ['Password', 'servicedesk-demo'],
]
