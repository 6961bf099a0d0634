import type { Actor } from '@servicedesk/core'
import t from 'tap'
import { startCluster } from '../helpers/cluster.ts'
import { A_TICKET } from '../helpers/send.ts'

// What ends somebody's rights happens on one process; the open socket is on another.
const { desk, one, two } = await startCluster(t)
const admin = await desk.person('System Admin')
const requester = await desk.person('Normal User')
const { id } = await desk.core.tickets.create(requester, A_TICKET)
const say = (message: string) => one.ask(admin, 'POST', '/messages', { ticket_id: id, message })

for (const [what, end] of [
  ['logs out', (who: Actor) => one.ask(who, 'POST', '/auth/logout', {})],
  ['gets another role', (who: Actor) => one.ask(admin, 'PUT', `/users/${who.id}`, { role: 'Normal User' })],
  ['is deactivated', (who: Actor) => one.ask(admin, 'PUT', `/users/${who.id}`, { is_active: false })],
] as const) {
  t.test(
    `the socket of who ${what} is closed within a second, and gets nothing of what follows`,
    async (t) => {
      const agent = await desk.person('Technical User')
      const client = await two.look(agent, id)
      await say(`before: ${what}`)
      await client.next('new_message', ({ message }) => message === `before: ${what}`)
      await end(agent)
      const ended = Date.now()
      await say(`after: ${what}`)
      await client.next('disconnect')
      t.ok(Date.now() - ended < 1_000, `after ${Date.now() - ended} ms`)
      t.match(await client.next('error'), { code: 'session_ended' })
      t.notOk(JSON.stringify(client.received.map(({ payload }) => payload)).includes('after:'))
    },
  )
}

t.test('who no longer watches a ticket is out of it within a second, and stays connected', async (t) => {
  const watcher = await desk.person('Normal User')
  await one.ask(admin, 'POST', `/tickets/${id}/watchers`, { user_id: watcher.id })
  const client = await two.look(watcher, id)
  await one.ask(admin, 'DELETE', `/tickets/${id}/watchers/${watcher.id}`)
  const removed = Date.now()
  await say('not for watchers')
  t.match(await client.next('left_ticket'), { ticket_id: `TKT-${id}`, reason: 'access_lost' })
  t.ok(Date.now() - removed < 1_000, `after ${Date.now() - removed} ms`)
  const seen = await two.look(requester, id)
  await say('nor this')
  await seen.next('new_message', ({ message }) => message === 'nor this')
  t.strictSame(await client.ask('request_presence'), { ok: true })
  t.notOk(client.received.some(({ event }) => event === 'new_message'))
  t.match(await client.ask('join_ticket', { ticket_id: id }), { ok: false, error: { code: 'not_found' } })
})
