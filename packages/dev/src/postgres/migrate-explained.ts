import { migrate } from '@servicedesk/db'
import { explainConnection } from './explain-connection.ts'

/**
 * Migrates a database.
 * @throws UserError of one sentence when it cannot be reached or entered
 */
export async function migrateExplained(databaseUrl: string): Promise<void> {
  await explainConnection(databaseUrl, () => migrate(databaseUrl))
}
