import { users } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { makeTicket, type Send, sender } from '../helpers/send.ts'
import { toldBy } from '../helpers/told.ts'

const desk = await createTestDesk(t)
const people = {
  nora: await desk.person('Normal User', { name: 'Nora Quist' }),
  wim: await desk.person('Normal User', { name: 'Wim Bos' }),
  ann: await desk.person('Technical User', { name: 'Ann Lee' }),
  kim: await desk.person('Technical User', { name: 'Kim Fox' }),
  bob: await desk.person('Technical Supervisor', { name: 'Bob Roe' }),
  eve: await desk.person('Technical Supervisor', { name: 'Eve Day' }),
  ada: await desk.person('System Admin', { name: 'Ada Byrne' }),
  // Inactive, and told nothing whatever they were.
  ina: await desk.person('Normal User'),
  ian: await desk.person('Technical Supervisor'),
}
for (const { id } of [people.ina, people.ian]) {
  await desk.db.update(users).set({ isActive: false }).where(eq(users.id, id))
}
type Name = keyof typeof people
const send = (name: Name): Send => sender(desk, people[name])
const told = (act: () => Promise<{ statusCode: number; body: string }>) =>
  toldBy(desk, people, async () => {
    const { statusCode, body } = await act()
    if (statusCode >= 300) throw new Error(`${statusCode}: ${body}`)
  })

/** A ticket of Nora's that Ann has and that these people watch. */
async function ticket(watchers: readonly Name[] = ['wim', 'ina', 'kim'], by: Name = 'nora') {
  const { id } = await makeTicket(send(by))
  await send('ada')('PUT', `/tickets/${id}/assign`, { agent_id: people.ann.id })
  await desk.db.update(users).set({ isActive: true }).where(eq(users.id, people.ina.id))
  for (const name of watchers) {
    await send('ada')('POST', `/tickets/${id}/watchers`, { user_id: people[name].id })
  }
  await desk.db.update(users).set({ isActive: false }).where(eq(users.id, people.ina.id))
  return id
}

t.test('a new ticket: the supervisors, but for the one who typed it in', async (t) => {
  const body = { title: 'Printer is jammed', description: 'It swallows every sheet.' }
  t.same(await told(() => send('nora')('POST', '/tickets', body)), [
    'bob: ticket_created',
    'eve: ticket_created',
  ])
  const onBehalf = { ...body, created_by: people.nora.id }
  t.same(await told(() => send('bob')('POST', '/tickets', onBehalf)), ['eve: ticket_created'])
})

t.test('an assignment: who gets it, and the supervisors only when the engine chose', async (t) => {
  const id = await ticket()
  const assign = (by: Name, agent_id: number | string) =>
    told(() => send(by)('PUT', `/tickets/${id}/assign`, { agent_id }))
  t.same(await assign('bob', people.kim.id), ['kim: assignment'])
  t.same(await assign('ann', people.ann.id), [], 'whoever takes it knows')
  t.same(await assign('bob', people.eve.id), ['eve: assignment'])
  for (const { id } of [people.ann, people.bob, people.eve]) {
    await send('ada')('PATCH', `/users/${id}`, { is_available: false })
  }
  const other = await ticket([])
  t.same(
    await told(() => send('bob')('PUT', `/tickets/${other}/assign`, { agent_id: 'auto' })),
    ['eve: assignment', 'kim: assignment'],
    'Bob asked for it',
  )
  await send('ada')('PATCH', `/users/${people.kim.id}`, { is_available: false })
  await send('ada')('PATCH', `/users/${people.eve.id}`, { is_available: true })
  t.same(
    await told(() => send('ada')('PUT', `/tickets/${other}/assign`, { agent_id: 'auto' })),
    ['bob: assignment', 'eve: assignment'],
    'a supervisor who gets it hears so once',
  )
  for (const { id } of [people.ann, people.bob, people.eve]) {
    await send('ada')('PATCH', `/users/${id}`, { is_available: true })
  }
})

t.test('a status: requester and watchers, not who has it, nor the one who moved it', async (t) => {
  const id = await ticket(['wim', 'ina', 'kim', 'nora'])
  const move = (by: Name, status: string) => told(() => send(by)('PUT', `/tickets/${id}/status`, { status }))
  t.same(await move('ann', 'Pending'), ['kim: status_change', 'nora: status_change', 'wim: status_change'])
  t.same(await move('kim', 'Resolved'), ['nora: status_change', 'wim: status_change'])
  t.same(await move('nora', 'Closed'), ['kim: status_change', 'wim: status_change'])
  t.same(await told(() => send('ann')('PUT', `/tickets/${id}/status`, { status: 'Closed' })), [], 'no change')
})

t.test('a message: the other side and watchers; a note, the staff among them', async (t) => {
  const id = await ticket()
  const say = (by: Name, is_internal: boolean) =>
    told(() => send(by)('POST', '/messages', { ticket_id: id, message: 'It still jams', is_internal }))
  t.same(await say('nora', false), ['ann: new_message', 'kim: new_message', 'wim: new_message'])
  t.same(await say('ann', false), ['kim: new_message', 'nora: new_message', 'wim: new_message'])
  t.same(await say('wim', false), ['ann: new_message', 'kim: new_message', 'nora: new_message'])
  t.same(await say('ann', true), ['kim: new_message'])
  t.same(await say('bob', true), ['ann: new_message', 'kim: new_message'])
})

t.test(
  'an escalation: whom it names, else the team’s supervisor, else all; not the one who escalates',
  async (t) => {
    const escalate = (by: Name, id: number, to?: Name) =>
      told(() =>
        send(by)('POST', `/tickets/${id}/escalate`, {
          reason: 'It burns',
          ...(to === undefined ? {} : { to: people[to].id }),
        }),
      )
    const id = await ticket()
    t.same(await escalate('ann', id, 'kim'), ['kim: escalation'])
    t.same(await escalate('ann', await ticket()), ['bob: escalation', 'eve: escalation'])
    t.same(await escalate('bob', await ticket()), ['eve: escalation'])
    await send('ada')('POST', '/config/teams', { name: 'Printers', supervisor_id: people.eve.id })
    const ofTeam = async () => {
      const its = await ticket()
      await send('ada')('PATCH', `/tickets/${its}`, { team: 'Printers' })
      return its
    }
    t.same(await escalate('ann', await ofTeam()), ['eve: escalation'])
    t.same(await escalate('eve', await ofTeam()), ['bob: escalation'])
  },
)

t.test('one person in several parts is told once', async (t) => {
  const id = await ticket(['ann', 'bob', 'kim'], 'bob')
  const say = (by: Name) =>
    told(() => send(by)('POST', '/messages', { ticket_id: id, message: 'Well, @Kim' }))
  t.same(await say('ada'), ['ann: new_message', 'bob: new_message', 'kim: mention'])
  t.same(await say('bob'), ['ann: new_message', 'kim: mention'])
  const status = { status: 'Pending' }
  t.same(await told(() => send('ada')('PUT', `/tickets/${id}/status`, status)), [
    'ann: status_change',
    'bob: status_change',
    'kim: status_change',
  ])
})
