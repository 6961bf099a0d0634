import { createTestClock, createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const requester = await desk.person('Normal User')
const agent = await desk.person('Technical User')
const [own, staff] = [sender(desk, requester), sender(desk, agent)]
const stranger = sender(desk, await desk.person('Normal User'))
const eventsOf = async (id: number, after = 1) =>
  (await own('GET', `/tickets/${id}/events?after_seq=${after}`)).json()

t.test('PUT status moves the ticket and answers it, however the status is written', async (t) => {
  const { id } = await makeTicket(own)
  for (const [written, status] of [
    ['In Progress', 'In Progress'],
    ['pending', 'Pending'],
    ['in_progress', 'In Progress'],
    ['RESOLVED', 'Resolved'],
    ['Closed', 'Closed'],
  ]) {
    clock.advance(1_000)
    const answer = await staff('PUT', `/tickets/TKT-${id}/status`, { status: written })
    t.equal(answer.statusCode, 200)
    t.match(answer.json(), { id, status, updated_at: clock.now().toISOString() })
    t.equal(answer.headers.etag, `"${answer.json().version}"`)
  }
  t.match((await eventsOf(id)).at(-1), {
    type: 'status_changed',
    actor_id: agent.id,
    data: { from: 'Resolved', to: 'Closed' },
  })
})

t.test('a comment is a public message, first in the log, and the first answer of staff', async (t) => {
  const { id } = await makeTicket(own)
  clock.advance(60_000)
  const body = { status: 'Pending', comment: 'Which floor is it?' }
  const answer = await staff('PUT', `/tickets/${id}/status`, body)
  t.match(answer.json(), {
    status: 'Pending',
    first_response_at: clock.now().toISOString(),
    sla: { first_response: { state: 'met', elapsed_seconds: 60 }, resolution: { state: 'paused' } },
  })
  const [comment] = (await own('GET', `/tickets/${id}/comments`)).json()
  t.match(comment, { content: body.comment, is_internal: false, user_id: agent.id })
  t.match(await eventsOf(id), [
    { seq: 2, type: 'message', message_id: comment.id },
    { seq: 3, type: 'status_changed', data: { from: 'New', to: 'Pending' } },
  ])
  const told = (await own('GET', '/alerts/me?limit=2')).json()
  t.same(told.map((each: { alert_type: string }) => each.alert_type).sort(), ['new_message', 'status_change'])
})

t.test('the status it has is no change and needs no permission; what is said with it is said', async (t) => {
  const { id } = await makeTicket(own)
  await staff('PUT', `/tickets/${id}/status`, { status: 'Pending' })
  const before = await contentOf(desk)
  const same = await own('PUT', `/tickets/${id}/status`, { status: 'pending', performed_by: 1 })
  t.match(same.json(), { status: 'Pending' })
  t.same(await contentOf(desk), before)
  const said = await own('PUT', `/tickets/${id}/status`, { status: 'Pending', comment: 'The third floor.' })
  t.match(said.json(), { status: 'Pending', version: same.json().version + 1 })
  t.match((await eventsOf(id)).at(-1), { type: 'message', actor_id: requester.id })
})

t.test('a comment that is null or empty is none', async (t) => {
  for (const comment of [null, '', '   ']) {
    const { id } = await makeTicket(own)
    const answer = await staff('PUT', `/tickets/${id}/status`, { status: 'Pending', comment })
    t.match(answer.json(), { status: 'Pending', first_response_at: null }, JSON.stringify(comment))
    t.same((await own('GET', `/tickets/${id}/comments`)).json(), [])
  }
})

t.test('what is not allowed says what is, and the comment is not written either', async (t) => {
  const { id } = await makeTicket(own)
  await staff('PUT', `/tickets/${id}/status`, { status: 'Resolved' })
  const before = await contentOf(desk)
  const put = (send: typeof own, status: string) =>
    send('PUT', `/tickets/${id}/status`, { status, comment: 'Please.' })
  for (const [send, who, allowed] of [
    [staff, 'staff', ['Open', 'Closed']],
    [own, 'requester', ['Open', 'Closed']],
  ] as const) {
    const refused = isProblem(t, await put(send, 'Pending'), 409, 'transition_not_allowed', who)
    t.same(refused.allowed_transitions, allowed)
  }
  isProblem(t, await put(stranger, 'Closed'), 404, 'not_found')
  isProblem(t, await put(sender(desk), 'Closed'), 401)
  t.same(await contentOf(desk), before)
  await staff('PUT', `/tickets/${id}/status`, { status: 'Open' })
  const forbidden = isProblem(t, await put(own, 'Pending'), 403, 'forbidden')
  t.same(forbidden.allowed_transitions, ['Closed'], 'of those that the requester may take')
})

t.test('bad input changes nothing', async (t) => {
  const { id } = await makeTicket(own)
  const before = await contentOf(desk)
  for (const [path, body] of [
    ['status', { status: 'Done' }],
    ['status', { status: '' }],
    ['status', {}],
    ['status', { comment: 'Only this.' }],
    ['comment', { status: 'Open', comment: 3 }],
    ['comment', { status: 'Open', comment: 'a\u0000b' }],
    ['comment', { status: 'Open', comment: 'x'.repeat(20_001) }],
    ['new_status', { status: 'Open', new_status: 'Open' }],
  ] as const) {
    const answer = await staff('PUT', `/tickets/${id}/status`, body)
    const { errors } = isProblem(t, answer, 400, 'validation_failed', JSON.stringify(body).slice(0, 60))
    t.equal(errors[0]?.path, path)
  }
  isProblem(t, await staff('PUT', `/tickets/${id}/status?status=Open`), 400)
  isProblem(t, await staff('PUT', '/tickets/999999/status', { status: 'Open' }), 404, 'not_found')
  t.same(await contentOf(desk), before)
})

t.test('If-Match: of two who move it at once with one version, one does', async (t) => {
  const { id, version } = await makeTicket(own)
  const put = (status: string) =>
    staff('PUT', `/tickets/${id}/status`, { status, comment: status }, { 'if-match': `"${version}"` })
  const answers = await Promise.all([put('Pending'), put('In Progress')])
  t.same(answers.map((answer) => answer.statusCode).sort(), [200, 412])
  t.equal((await own('GET', `/tickets/${id}/comments`)).json().length, 1)
})
