import { auditLog, tickets } from '@servicedesk/db'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { waitingForLocks } from '../helpers/locks.ts'

t.test('admins who take the last ways away at once leave one', async (t) => {
  const desk = await createCoreDesk(t)
  const admins = [await desk.person('System Admin'), await desk.person('System Admin')]
  const { transitions } = desk.core.config
  const ways = (await transitions.list()).filter((each) => each.to === 'Pending')
  t.equal(ways.length, 3)
  const outcomes = await Promise.allSettled(ways.map((way, n) => transitions.remove(admins[n % 2]!, way.id)))
  const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  t.match(refused, [{ code: 'workflow_broken', kind: 'conflict' }])
  t.equal((await transitions.list()).filter((each) => each.to === 'Pending').length, 1)
  const log = await desk.db.select().from(auditLog).where(eq(auditLog.entity, 'transition'))
  t.equal(log.length, 2, 'what was refused is not in the audit log')
})

t.test('what the desk cannot work without stays, and the reason says so', async (t) => {
  const desk = await createCoreDesk(t)
  const admin = await desk.person('System Admin')
  const { statuses } = desk.core.config
  const ids = new Map((await statuses.list()).map((each) => [each.name, each.id]))
  const idOf = (name: string) => ids.get(name) ?? 0
  const remove = (name: string) => statuses.remove(admin, idOf(name))
  const isBroken = (message: RegExp) => ({ code: 'workflow_broken', kind: 'conflict', message })
  await t.rejects(remove('New'), isBroken(/the desk needs a status of class new/))
  await t.rejects(statuses.update(admin, idOf('New'), { class: 'open' }), {
    name: 'DomainError',
    kind: 'invalid',
    fields: [{ path: 'class' }],
  })
  for (const name of ['In Progress', 'Pending', 'Resolved']) await remove(name)
  await t.rejects(remove('Open'), isBroken(/class open/))
  await t.rejects(remove('Closed'), isBroken(/class resolved or closed/))
  await statuses.create(admin, { name: 'Triage', class: 'new', to: ['Open'] })
  // Behind it, New would not be where tickets begin any more, and nothing leads to it.
  await t.rejects(statuses.update(admin, idOf('New'), { order: 100 }), {
    name: 'DomainError',
    kind: 'invalid',
    fields: [{ path: 'order' }],
  })
  t.strictSame(
    (await statuses.list()).map((each) => each.name),
    ['New', 'Open', 'Closed', 'Triage'],
  )
})

t.test('a status that a ticket is just moved to keeps its class and stays', async (t) => {
  const desk = await createCoreDesk(t)
  const admin = await desk.person('System Admin')
  const { statuses } = desk.core.config
  const parked = await statuses.create(admin, { name: 'Parked', class: 'pending' })
  const id = await desk.ticket(await desk.person('Normal User'))
  const refusals: Promise<unknown>[] = []
  await desk.db.transaction(async (tx) => {
    await tx.update(tickets).set({ statusId: parked.id, statusClass: 'pending' }).where(eq(tickets.id, id))
    // Neither sees the ticket yet; both have to wait for it.
    refusals.push(
      t.rejects(statuses.update(admin, parked.id, { class: 'open' }), { code: 'in_use' }),
      t.rejects(statuses.remove(admin, parked.id), { code: 'in_use' }),
    )
    await waitingForLocks(desk.db, 2)
  })
  await Promise.all(refusals)
  t.match(await statuses.get(parked.id), { class: 'pending' })
  t.match(await statuses.update(admin, parked.id, { name: 'On ice', class: 'pending' }), { name: 'On ice' })
  t.match(await desk.core.tickets.get(admin, id), { status: 'On ice' })
})
