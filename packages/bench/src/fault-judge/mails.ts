import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Sql } from 'postgres'
import { type Finding, type WrongRow, wrongs } from './finding.ts'

/**
 * Every mail that is owed arrived, at least once; how often more than once is counted, and is no fault. What is grouped
 * is in one mail only.
 */
export async function judgeMails(sql: Sql, mailbox: string): Promise<Finding> {
  const copies = await countCopies(mailbox)
  const rows = await sql<{ id: string; status: string; at: number }[]>`
    SELECT id, status, (extract(epoch FROM created_at) * 1000)::float8 AS at FROM email_deliveries`
  const lost: WrongRow[] = []
  let more = 0
  for (const { id, status, at } of rows) {
    const arrived = copies.get(id) ?? 0
    more += Math.max(0, arrived - 1)
    if (status !== 'sent' && status !== 'discarded') lost.push({ what: `mail ${id} is ${status}`, at })
    else if (status === 'sent' && arrived === 0)
      lost.push({ what: `mail ${id} was sent and did not arrive`, at })
  }
  const total = [...copies.values()].reduce((sum, each) => sum + each, 0)
  return {
    check: 'mails',
    counted: rows.length,
    lost: wrongs(lost),
    doubled: wrongs(await toldTwice(sql)),
    note: `${total} arrived, ${more} of them copies`,
  }
}

/** Things that two groups tell to the same person. */
async function toldTwice(sql: Sql): Promise<WrongRow[]> {
  const rows = await sql<{ thing: string; at: number }[]>`
    SELECT format('%s about event %s of TKT-%s to user %s', item ->> 'template', item ->> 'event_seq', ticket_id, user_id)
      AS thing, (extract(epoch FROM min(created_at)) * 1000)::float8 AS at
    FROM email_deliveries, jsonb_array_elements(items) AS item
    WHERE jsonb_typeof(item -> 'event_seq') = 'number'
    GROUP BY ticket_id, user_id, item ->> 'template', item ->> 'event_seq' HAVING count(*) > 1`
  return rows.map(({ thing, at }) => ({ what: `told twice: ${thing}`, at }))
}

/** How often each delivery's mail is in the mailbox, by the Message-ID. */
async function countCopies(mailbox: string): Promise<Map<string, number>> {
  const copies = new Map<string, number>()
  for (const name of readdirSync(mailbox).filter((each) => each.endsWith('.eml'))) {
    const id = await deliveryOf(join(mailbox, name))
    if (id !== undefined) copies.set(id, (copies.get(id) ?? 0) + 1)
  }
  return copies
}

async function deliveryOf(file: string): Promise<string | undefined> {
  const lines = createInterface({ input: createReadStream(file) })
  for await (const line of lines) {
    if (line === '') return undefined
    const id = /^message-id:.*<delivery-([\w-]+)@/i.exec(line)?.[1]
    if (id !== undefined) return id
  }
  return undefined
}
