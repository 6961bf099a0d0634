import type { Database } from '@servicedesk/db'
import { createBenchCore, insertBenchUser } from './desk.ts'
import { type Measured, measure } from './measure.ts'

const LOAD = { inFlight: 16, durationMs: 4_000 }
const TITLE = 'The printer on floor 3 is jammed'
const DESCRIPTION =
  'It has been jammed since this morning and nobody can print the reports that are due today.'

/** Creating a ticket, with its events, clocks, alerts and outbox rows, against one bare insert of its row. */
export async function measureCreate(db: Database): Promise<{ floor: Measured; product: Measured }> {
  const { actor, core } = await prepare(db)
  const sql = db.$client
  const floor = await measure(
    'bare insert of the ticket row',
    LOAD,
    () => sql`INSERT INTO tickets (title, description, status_id, status_class, priority_id, category_id, created_by, created_at, updated_at)
      SELECT ${TITLE}, ${DESCRIPTION}, 1, 'new', 1, 1, ${actor.id}, now(), now()`,
  )
  const product = await measure('create a ticket', LOAD, () =>
    core.tickets.create(actor, { title: TITLE, description: DESCRIPTION }),
  )
  return { floor, product }
}

/** A page of 25 of the list against the driver reading 25 bare rows. */
export async function measureList(db: Database): Promise<{ floor: Measured; product: Measured }> {
  const { actor, core } = await prepare(db)
  const sql = db.$client
  const floor = await measure(
    'read 25 bare rows',
    LOAD,
    () => sql`SELECT * FROM tickets WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 25`,
  )
  const product = await measure('list 25 tickets', LOAD, () => core.tickets.list(actor, { per_page: 25 }))
  return { floor, product }
}

async function prepare(db: Database) {
  return { core: createBenchCore(db), actor: await insertBenchUser(db) }
}
