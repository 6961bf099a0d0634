import postgres from 'postgres'
import { type Figure, rateOverFloor } from '../framework/figure.ts'
import type { DeskContext } from '../framework/measurement.ts'
import { inTurns } from '../framework/rounds.ts'
import { drive, MEASURED_SECONDS, WARM_UP_SECONDS } from '../http/drive.ts'

export const NEW_TICKET = {
  title: 'The printer on floor 3 is jammed',
  description: 'It has been jammed since this morning and nobody can print the reports that are due today.',
  priority: 'Medium',
  category: 'Hardware',
}

const BARE_INSERT = `
  INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, created_by, created_at, updated_at)
  SELECT $1, $2, s.id, s.class, 1, 1, $3, now(), now() FROM statuses s WHERE s.slug = 'new' RETURNING id`

/**
 * Creating a ticket with its events, clocks, alerts and jobs, and handing these to the queue, against a bare route that inserts
 * the ticket's row, while the table has none of the desk's triggers; nobody works on the queue meanwhile.
 */
export async function measureCreate({ desk, rounds, servers }: DeskContext): Promise<Figure[]> {
  const values = [NEW_TICKET.title, NEW_TICKET.description, desk.actor.id]
  const floor = await desk.startFloor([
    { method: 'POST', path: '/tickets', statements: [{ text: BARE_INSERT, values }] },
  ])
  const sql = postgres(servers.databaseUrl, { max: 1 })
  try {
    const post = { token: desk.token, paths: ['/tickets'], method: 'POST', body: NEW_TICKET } as const
    const bare = async (seconds: number) => {
      await sql`ALTER TABLE tickets DISABLE TRIGGER USER`
      try {
        return (await drive({ ...post, url: floor.url }, seconds)).perSecond
      } finally {
        await sql`ALTER TABLE tickets ENABLE TRIGGER USER`
      }
    }
    const product = async (seconds: number) =>
      (await drive({ ...post, url: desk.api.url }, seconds)).perSecond
    await bare(WARM_UP_SECONDS)
    await product(WARM_UP_SECONDS)
    const rates = await inTurns(
      rounds,
      () => bare(MEASURED_SECONDS),
      () => product(MEASURED_SECONDS),
    )
    return [rateOverFloor('create a ticket', rates, 'bare INSERT route', 0.5)]
  } finally {
    await sql.end()
    await floor.stop()
  }
}
