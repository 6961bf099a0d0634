import { notificationPreferences, users } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { makeTicket, type Send, sender } from '../helpers/send.ts'
import { toldBy } from '../helpers/told.ts'

const desk = await createTestDesk(t)
const people = {
  nora: await desk.person('Normal User', { name: 'Nora Quist' }),
  wim: await desk.person('Normal User', { name: 'Wim Bos' }),
  otto: await desk.person('Normal User', { name: 'Otto Berg' }),
  ann: await desk.person('Technical User', { name: 'Ann Lee', email: 'a.lee@desk.example' }),
  ray: await desk.person('Technical User', { name: 'Ann Ray' }),
  bob: await desk.person('Technical Supervisor', { name: 'Bob Roe' }),
  ada: await desk.person('System Admin', { name: 'Ada Byrne' }),
  ina: await desk.person('Technical User', { name: 'Ina Gone' }),
}
await desk.db.update(users).set({ isActive: false }).where(eq(users.id, people.ina.id))
const nora = sender(desk, people.nora)
const ann = sender(desk, people.ann)
const { id } = await makeTicket(nora)
await ann('PUT', `/tickets/${id}/assign`, { agent_id: people.ann.id })
await ann('POST', `/tickets/${id}/watchers`, { user_id: people.wim.id })
const EVERYBODY = Object.values(people)
  .map(({ name }) => `@${name}`)
  .join(', ')
const told = (by: Send, message: string, more = {}) =>
  toldBy(desk, people, () => by('POST', '/messages', { ticket_id: id, message, ...more }))

t.test(
  'the mentioned hear that they are, each once; only who reads the ticket, never the writer',
  async (t) => {
    t.same(await told(nora, EVERYBODY), [
      'ada: mention',
      'ann: mention',
      'bob: mention',
      'ray: mention',
      'wim: mention',
    ])
    t.same(await told(ann, 'Thank you, @Wim'), ['nora: new_message', 'wim: mention'])
    t.same(await told(nora, 'Nobody at all'), ['ann: new_message', 'wim: new_message'])
    t.same(await told(nora, 'Is @a.lee there?'), ['ann: mention', 'wim: new_message'])
    t.same(await told(nora, 'One @Ann of two, @Otto, ada@x.example'), [
      'ann: new_message',
      'wim: new_message',
    ])
  },
)

t.test('of an internal note only staff hear', async (t) => {
  t.same(await told(ann, EVERYBODY, { is_internal: true }), ['ada: mention', 'bob: mention', 'ray: mention'])
})

t.test('comments mention too, and a mention says who, where and what', async (t) => {
  const content = `@bob roe ${'please look '.repeat(40)}`
  t.same(await toldBy(desk, people, () => ann('POST', `/tickets/${id}/comments`, { content })), [
    'bob: mention',
    'nora: new_message',
    'wim: new_message',
  ])
  const [alert] = (await sender(desk, people.bob)('GET', '/alerts/me')).json()
  t.match(alert, {
    title: `Ann Lee mentioned you on TKT-${id}`,
    message: /^@bob roe please look .*…$/,
    alert_type: 'mention',
    ticket_id: `TKT-${id}`,
    is_read: false,
  })
})

t.test('who had the ticket and is no staff any more does not hear what is said on it', async (t) => {
  const closed = await makeTicket(nora)
  await ann('PUT', `/tickets/${closed.id}/assign`, { agent_id: people.ray.id })
  await ann('PUT', `/tickets/${closed.id}/status`, { status: 'Resolved' })
  await desk.db.update(users).set({ role: 'Normal User' }).where(eq(users.id, people.ray.id))
  const message = { ticket_id: closed.id, message: 'It jams again, @Ray' }
  t.same(await toldBy(desk, people, () => nora('POST', '/messages', message)), [])
})

t.test('who wants no mentions is not told that it is a message instead', async (t) => {
  const wish = { userId: people.wim.id, alertType: 'mention' as const, inApp: false, email: false }
  await desk.db.insert(notificationPreferences).values(wish)
  t.same(await told(ann, '@Wim, look'), ['nora: new_message'])
})
