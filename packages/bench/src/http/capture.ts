import type { Core } from '@servicedesk/core'
import type { Database } from '@servicedesk/db'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { createBenchCore } from '../desk.ts'

/** A statement as it was sent, with its values. */
export interface Captured {
  text: string
  values: unknown[]
}

/** The statements that the product sends while it does something, for a floor that sends the same and does nothing else. */
export async function capture(
  databaseUrl: string,
  use: (core: Core) => Promise<unknown>,
): Promise<Captured[]> {
  const sent: Captured[] = []
  const client = postgres(databaseUrl, {
    max: 1,
    fetch_types: false,
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    connection: { TimeZone: 'UTC' },
    debug: (_connection, text, values) => void sent.push({ text, values: [...values] }),
  })
  try {
    await use(createBenchCore(drizzle(client) as unknown as Database))
    return sent
  } finally {
    await client.end()
  }
}
