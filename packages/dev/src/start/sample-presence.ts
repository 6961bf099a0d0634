import postgres from 'postgres'

/** Whether this is the first run on a database: nobody can sign in yet. */
export async function hasNoUsers(databaseUrl: string): Promise<boolean> {
  return (await countUsers(databaseUrl, '%')) === 0
}

/** Whether the sample sign-ins exist, so that the closing table promises nothing that does not work. */
export async function hasSampleData(databaseUrl: string): Promise<boolean> {
  // Only a line of a table hangs on it, and the database may be away at this very moment.
  return (await countUsers(databaseUrl, 'admin@example.com').catch(() => 0)) > 0
}

/** 0 or 1, whatever the size of the table. */
async function countUsers(databaseUrl: string, emailPattern: string): Promise<number> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  try {
    const rows = await sql`SELECT 1 FROM users WHERE email LIKE ${emailPattern} LIMIT 1`
    return rows.length
  } finally {
    await sql.end({ timeout: 2 })
  }
}
