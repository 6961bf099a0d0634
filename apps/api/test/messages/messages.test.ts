import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const requester = await desk.person('Normal User', { name: 'Nora Quist' })
const agent = await desk.person('Technical User', { name: 'Ada Byrne' })
const [own, staff] = [sender(desk, requester), sender(desk, agent)]
const ticket = await makeTicket(own)
const other = await makeTicket(own)

t.test('a message and a comment are one thing under two names', async (t) => {
  const said = await own('POST', '/messages', {
    ticket_id: ticket.ticket_id,
    message: 'It jams 👍',
    image_url: 'https://example.com/a.png',
    sender_id: agent.id,
    sender_name: 'Somebody Else',
    sender_role: 'System Admin',
    file_info: { any: 'thing' },
  })
  t.equal(said.statusCode, 201)
  const { id, timestamp, ...message } = said.json()
  t.same(message, {
    ticket_id: ticket.ticket_id,
    sender_id: requester.id,
    sender_name: 'Nora Quist',
    sender_role: 'Normal User',
    message: 'It jams 👍',
    is_internal: false,
    reply_to: null,
    type: 'message',
    image_url: 'https://example.com/a.png',
  })
  const answered = await staff('POST', `/tickets/${ticket.id}/comments`, {
    content: 'Looking.',
    reply_to: `${id}`,
  })
  t.equal(answered.statusCode, 201)
  const reply = answered.json()
  t.match(reply, {
    ticket_id: ticket.id,
    user_id: agent.id,
    user: { id: agent.id, name: 'Ada Byrne', role: 'Technical User' },
    content: 'Looking.',
    is_internal: false,
    reply_to: id,
    created_at: /Z$/,
    updated_at: reply.created_at,
  })
  const comments = (await own('GET', `/tickets/${ticket.ticket_id}/comments`)).json()
  t.same(comments[1], reply)
  t.match(comments[0], { id, content: 'It jams 👍', created_at: timestamp })
})

t.test('the first public word by staff other than the requester stops the first clock', async (t) => {
  const { id } = await makeTicket(own)
  const first = async () => (await own('GET', `/tickets/${id}`)).json()
  await own('POST', `/tickets/${id}/comments`, { content: 'Anybody?' })
  await staff('POST', `/tickets/${id}/comments`, { content: 'A note', is_internal: true })
  t.match(await first(), { first_response_at: null, sla: { first_response: { state: 'running' } } })
  const answer = (await staff('POST', `/tickets/${id}/comments`, { content: 'Yes' })).json()
  const met = { first_response_at: answer.created_at, sla: { first_response: { state: 'met' } } }
  t.match(await first(), met)
  await staff('POST', '/messages', { ticket_id: id, message: 'Once more' })
  t.match(await first(), met, 'and does not move')
  const mine = await makeTicket(staff)
  await staff('POST', `/tickets/${mine.id}/comments`, { content: 'To myself' })
  t.match((await staff('GET', `/tickets/${mine.id}`)).json(), { first_response_at: null })
})

t.test('the shortest and the longest', async (t) => {
  for (const text of ['x', '👍'.repeat(20_000)]) {
    const said = await own('POST', '/messages', {
      ticket_id: String(ticket.id),
      message: text,
      reply_to: null,
    })
    t.equal(said.json().message, text)
    const comment = await own('POST', `/tickets/${ticket.id}/comments`, { content: text, reply_to: null })
    t.equal(comment.json().content, text)
  }
})

t.test('what cannot be said changes nothing', async (t) => {
  const elsewhere = (await own('POST', '/messages', { ticket_id: other.id, message: 'Elsewhere' })).json()
  const before = await contentOf(desk)
  const good = { ticket_id: ticket.id, message: 'Hello' }
  for (const [member, value, status] of [
    ['message', '', 400],
    ['message', 'x'.repeat(20_001), 400],
    ['message', 7, 400],
    ['message', undefined, 400],
    ['ticket_id', undefined, 400],
    ['ticket_id', 'abc', 400],
    ['ticket_id', 999_999, 404],
    ['reply_to', 999_999, 400],
    ['reply_to', elsewhere.id, 400],
    ['reply_to', 'x', 400],
    ['is_internal', 'yes', 400],
    ['image_url', 'javascript:alert(1)', 400],
    ['image_url', 'data:text/html,x', 400],
    ['image_url', `https://example.com/${'x'.repeat(2_000)}`, 400],
    ['no_such', 1, 400],
  ] as const) {
    const answer = await staff('POST', '/messages', { ...good, [member]: value })
    const { errors } = isProblem(t, answer, status, undefined, `${member}: ${String(value).slice(0, 30)}`)
    if (status === 400) t.match(errors, [{ path: member }])
    if (['ticket_id', 'image_url'].includes(member)) continue
    const renamed = member === 'message' ? 'content' : member
    const comment = await staff('POST', `/tickets/${ticket.id}/comments`, {
      content: 'Hello',
      [renamed]: value,
    })
    t.match(isProblem(t, comment, status, undefined, `comment ${renamed}`).errors, [{ path: renamed }])
  }
  t.same(await contentOf(desk), before)
})
