import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const own = sender(desk, await desk.person('Normal User'))
const agent = await desk.person('Technical User', { name: 'Ada Byrne' })
const staff = sender(desk, agent)

t.test('PUT priority changes it, moves the due time and keeps the reason', async (t) => {
  const { id, version } = await makeTicket(own)
  const reason = 'The whole floor is without a printer.'
  const answer = await staff(
    'PUT',
    `/tickets/${id}/priority`,
    { priority: 'critical', reason },
    { 'if-match': `"${version}"` },
  )
  t.match(answer.json(), {
    id,
    priority: 'Critical',
    sla: { resolution: { target_minutes: 240 }, first_response: { target_minutes: 30 } },
  })
  t.equal(answer.headers.etag, `"${answer.json().version}"`)
  const [, event] = (await own('GET', `/tickets/${id}/events`)).json()
  t.match(event, {
    type: 'priority_changed',
    actor_id: agent.id,
    data: { from: 'Medium', to: 'Critical', reason },
  })
  const [, activity] = (await own('GET', `/tickets/${id}/activities`)).json()
  t.match(activity, {
    description: `Priority changed from Medium to Critical: ${reason}`,
    performed_by_name: 'Ada Byrne',
  })
  await staff('PUT', `/tickets/${id}/priority`, { priority: 'Low' })
  const [, , plain] = (await own('GET', `/tickets/${id}/activities`)).json()
  t.equal(plain.description, 'Priority changed from Critical to Low')
})

t.test('a reason that is null or empty is none', async (t) => {
  for (const reason of [null, '', '   ']) {
    const { id } = await makeTicket(own)
    const answer = await staff('PUT', `/tickets/${id}/priority`, { priority: 'Low', reason })
    t.match(answer.json(), { priority: 'Low' }, JSON.stringify(reason))
    const [, event] = (await own('GET', `/tickets/${id}/events`)).json()
    t.same(event.data, { from: 'Medium', to: 'Low' })
  }
})

t.test('the priority it has is no change, for anybody who sees it', async (t) => {
  const { id } = await makeTicket(own)
  const before = await contentOf(desk)
  t.match((await own('PUT', `/tickets/${id}/priority`, { priority: 'medium', reason: 'Why not?' })).json(), {
    priority: 'Medium',
  })
  t.same(await contentOf(desk), before)
})

t.test('who may not, and what means nothing, change nothing', async (t) => {
  const { id } = await makeTicket(own)
  const stranger = sender(desk, await desk.person('Normal User'))
  const before = await contentOf(desk)
  const path = `/tickets/${id}/priority`
  isProblem(t, await own('PUT', path, { priority: 'High' }), 403, 'forbidden')
  isProblem(t, await stranger('PUT', path, { priority: 'High' }), 404, 'not_found')
  isProblem(t, await staff('PUT', path, { priority: 'High' }, { 'if-match': '"9"' }), 412, 'stale_version')
  for (const [member, body] of [
    ['priority', { priority: 'Enormous' }],
    ['priority', { reason: 'No priority.' }],
    ['priority', { priority: null }],
    ['reason', { priority: 'High', reason: 3 }],
    ['reason', { priority: 'High', reason: 'x'.repeat(1_001) }],
    ['why', { priority: 'High', why: 'because' }],
  ] as const) {
    const { errors } = isProblem(t, await staff('PUT', path, body), 400, 'validation_failed')
    t.equal(errors[0]?.path, member)
  }
  t.same(await contentOf(desk), before)
})
