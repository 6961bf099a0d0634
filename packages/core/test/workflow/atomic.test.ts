import { sql } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'

t.test('a change whose transaction fails at its very end has changed nothing', async (t) => {
  const desk = await createCoreDesk(t)
  const [agent, other] = await desk.agents(2)
  const admin = await desk.person('System Admin')
  const id = await desk.ticket(await desk.person('Normal User'))
  await desk.assign()
  await desk.core.tickets.update(agent!, id, { assigned_to: agent!.id })
  // Fires when the transaction commits, after everything that the change writes.
  await desk.db.execute(sql`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'refused at commit'; END $$`)
  await desk.db.execute(sql`
    CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON ticket_events
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`)
  const content = async () => {
    const [row] = await desk.db.execute<{ mark: string }>(sql`
      SELECT string_agg(mark, ';') AS mark FROM (
        SELECT 'tickets ' || t::text AS mark FROM tickets t UNION ALL
        SELECT 'events ' || count(*) FROM ticket_events UNION ALL
        SELECT 'messages ' || count(*) FROM messages UNION ALL
        SELECT 'clock ' || k::text FROM sla_clocks k UNION ALL
        SELECT 'clock events ' || count(*) FROM sla_clock_events UNION ALL
        SELECT 'agent ' || a::text FROM agents a UNION ALL
        SELECT 'assignment ' || a::text FROM assignments a UNION ALL
        SELECT 'watchers ' || count(*) FROM ticket_watchers UNION ALL
        SELECT 'alerts ' || count(*) FROM alerts UNION ALL
        SELECT 'mails ' || count(*) FROM email_deliveries UNION ALL
        SELECT 'owed ' || count(*) FROM outbox ORDER BY 1) marks`)
    return row?.mark
  }
  const before = await content()
  desk.dispatched.length = 0
  const { tickets, watchers } = desk.core
  const changes: Record<string, () => Promise<unknown>> = {
    'in progress': () => tickets.setStatus(agent!, id, { status: 'In Progress', comment: 'Begun.' }),
    pending: () => tickets.setStatus(agent!, id, { status: 'Pending' }),
    priority: () => tickets.setPriority(agent!, id, { priority: 'Critical', reason: 'The whole floor.' }),
    assigned: () => tickets.update(agent!, id, { assigned_to: other!.id }),
    watched: () => watchers.add(agent!, id, agent!.id),
    resolved: () => tickets.setStatus(agent!, id, { status: 'Resolved', comment: 'Done.' }),
    deleted: () => tickets.remove(admin, id, undefined),
  }
  for (const [what, change] of Object.entries(changes)) {
    await t.rejects(change(), /refused at commit/, what)
    t.equal(await content(), before, what)
  }
  t.strictSame(desk.dispatched, [], 'no job went out')

  await desk.db.execute(sql`DROP TRIGGER refuse ON ticket_events`)
  for (const change of Object.values(changes)) await change()
  t.not(await content(), before, 'the same changes, not refused')
})
