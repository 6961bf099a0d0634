import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const owner = await desk.person('Normal User')
const friend = await desk.person('Normal User', { name: 'Finn Reyes' })
const agent = await desk.person('Technical User', { name: 'Ada Byrne' })
const [own, asFriend, staff] = [sender(desk, owner), sender(desk, friend), sender(desk, agent)]
const idsOf = (answer: { json(): { watchers: { user_id: number }[] } }) =>
  answer.json().watchers.map((each) => each.user_id)

t.test('staff add anybody, who then sees the ticket and is told of it', async (t) => {
  const { id } = await makeTicket(own)
  const path = `/tickets/TKT-${id}/watchers`
  t.same((await own('GET', path)).json(), { watchers: [] })
  t.equal((await asFriend('GET', `/tickets/${id}`)).statusCode, 404)
  const added = await staff('POST', path, { user_id: String(friend.id) })
  t.equal(added.statusCode, 201)
  t.match(added.json().watchers, [{ user_id: friend.id, name: 'Finn Reyes', email: friend.email }])
  t.equal((await asFriend('GET', `/tickets/${id}`)).statusCode, 200)
  const [seen] = (await asFriend('GET', path)).json().watchers
  t.match(seen, { user_id: friend.id, since: /Z$/ })
  t.notOk('email' in seen, 'addresses are for staff')

  const self = await staff('POST', path)
  t.equal(self.statusCode, 201, 'oneself, without a body')
  t.same(idsOf(self), [friend.id, agent.id])
  await own('POST', `/tickets/${id}/comments`, { content: 'Any news?' })
  for (const send of [asFriend, staff]) {
    const [alert] = (await send('GET', '/alerts/me')).json()
    t.match(alert, { alert_type: 'new_message', ticket_id: `TKT-${id}` })
  }
  const log = (await own('GET', `/tickets/${id}/activities`)).json()
  t.match(
    log.map((each: { description: string }) => each.description),
    ['Ticket created', 'Finn Reyes watches the ticket', 'Ada Byrne watches the ticket'],
  )
})

t.test('added twice and removed twice is once', async (t) => {
  const { id } = await makeTicket(own)
  const path = `/tickets/${id}/watchers`
  const many = await Promise.all(Array.from({ length: 5 }, () => staff('POST', path, { user_id: friend.id })))
  t.same(many.map((each) => each.statusCode).sort(), [200, 200, 200, 200, 201])
  const removals = await Promise.all(Array.from({ length: 5 }, () => staff('DELETE', `${path}/${friend.id}`)))
  for (const answer of removals) t.same(idsOf(answer), [])
  const types = (await staff('GET', `/tickets/${id}/events`))
    .json()
    .map((each: { type: string }) => each.type)
  t.same(types, ['ticket_created', 'watcher_added', 'watcher_removed'])
})

t.test('an Idempotency-Key gives the first answer again', async (t) => {
  const { id } = await makeTicket(own)
  const headers = { 'idempotency-key': 'watch-1' }
  const first = await staff('POST', `/tickets/${id}/watchers`, {}, headers)
  await staff('DELETE', `/tickets/${id}/watchers`)
  const again = await staff('POST', `/tickets/${id}/watchers`, {}, headers)
  t.equal(again.statusCode, 201)
  t.same(again.json(), first.json())
  t.same(idsOf(await staff('GET', `/tickets/${id}/watchers`)), [])
  isProblem(t, await staff('POST', `/tickets/${id}/watchers`, { user_id: friend.id }, headers), 422)
})

t.test('who is removed: oneself, or who the query, the body or the path names', async (t) => {
  const { id } = await makeTicket(own)
  const path = `/tickets/${id}/watchers`
  const others = [friend, await desk.person('Normal User'), await desk.person('Normal User'), agent]
  for (const { id: user_id } of others) await staff('POST', path, { user_id })
  const [first, second, third] = others
  t.equal(idsOf(await staff('DELETE', `${path}?user_id=${first!.id}`)).includes(first!.id), false)
  t.equal(idsOf(await staff('DELETE', path, { user_id: second!.id })).includes(second!.id), false)
  t.same(idsOf(await staff('DELETE', `${path}/${third!.id}`)), [agent.id])
  t.same(idsOf(await staff('DELETE', path)), [])
  const answer = await staff('DELETE', `${path}?user_id=${first!.id}`, { user_id: second!.id })
  isProblem(t, answer, 400, 'validation_failed', 'two who differ')
})

t.test('a requester adds and removes only themselves, on tickets that they see', async (t) => {
  const { id } = await makeTicket(own)
  const path = `/tickets/${id}/watchers`
  t.same(idsOf(await own('POST', path, { user_id: owner.id })), [owner.id])
  await staff('POST', path, { user_id: friend.id })
  const stranger = await desk.person('Normal User')
  const before = await contentOf(desk)
  for (const user_id of [stranger.id, agent.id, 999_999]) {
    isProblem(t, await own('POST', path, { user_id }), 403, 'forbidden')
    isProblem(t, await asFriend('POST', path, { user_id }), 403, 'forbidden')
  }
  isProblem(t, await own('DELETE', `${path}/${friend.id}`), 403, 'forbidden')
  isProblem(t, await asFriend('DELETE', `${path}?user_id=${owner.id}`), 403, 'forbidden')
  for (const method of ['GET', 'POST', 'DELETE'] as const)
    isProblem(t, await sender(desk, stranger)(method, path), 404, 'not_found', method)
  t.same(await contentOf(desk), before)
  t.same(idsOf(await asFriend('DELETE', path)), [owner.id])
  t.equal((await asFriend('GET', `/tickets/${id}`)).statusCode, 404, 'and sees it no more')
})

t.test('nobody watches who is not there', async (t) => {
  const { id } = await makeTicket(own)
  const gone = await desk.person('Technical User')
  await desk.db.$client`UPDATE users SET is_active = false WHERE id = ${gone.id}`
  const before = await contentOf(desk)
  for (const user_id of [gone.id, 999_999, 0, 'me', null, 1.5]) {
    const answer = await staff('POST', `/tickets/${id}/watchers`, { user_id })
    const { errors } = isProblem(t, answer, 400, 'validation_failed', `${user_id}`)
    t.equal(errors[0]?.path, 'user_id')
  }
  t.same(await contentOf(desk), before)
})
