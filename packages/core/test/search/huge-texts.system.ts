import type { Actor } from '@servicedesk/core'
import { sql } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

const desk = await createCoreDesk(t)
const agent = await desk.person('Technical User')
const nora = await desk.person('Normal User')

const found = async (actor: Actor) =>
  (await desk.core.tickets.list(actor, { q: 'platypus' })).tickets.map(({ id }) => id)
const say = (actor: Actor, ticketId: number, body: string, isInternal = false) =>
  desk.core.messages.post(actor, { ticketId, body, isInternal })

t.test('whatever people write is stored', async (t) => {
  const cjk = Array.from({ length: 9_999 }, (_, n) => String.fromCodePoint(0x4e00 + n)).join(' ')
  const id = await desk.ticket(nora, {
    title: 'Endless platypus',
    description: `${'x'.repeat(15_000)} wordlong`,
  })
  await desk.core.tickets.update(agent, id, { description: cjk })
  for (const body of [
    'y'.repeat(20_000),
    'z '.repeat(10_000),
    cjk,
    "\\' & | ! ( :* <->",
    'platypus '.repeat(2_000),
  ]) {
    await say(nora, id, body)
    await say(agent, id, body, true)
  }
  t.same(await found(nora), [id])
  t.same(await found(agent), [id])

  const versionOf = async () => {
    const [row] = await desk.db.execute<{ xmin: string }>(
      sql`SELECT xmin::text FROM ticket_search WHERE ticket_id = ${id}`,
    )
    return row?.xmin
  }
  const before = await versionOf()
  t.type(before, 'string')
  await say(nora, id, 'One more word to a ticket whose words are full.')
  await say(agent, id, 'And a note.', true)
  t.equal(await versionOf(), before, 'a talk that is long stays cheap')
})
