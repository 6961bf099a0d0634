import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)

t.test('an admin queues a sweep, which is owed like any job', async (t) => {
  const admin = sender(desk, await desk.person('System Admin'))
  const answer = await admin('POST', '/admin/sla/sweep')
  t.equal(answer.statusCode, 202)
  t.match(answer.json(), { message: String })
  t.match(await desk.owed(), [{ queue: 'sla', name: 'sla.sweep', payload: {}, doneAt: null }])
  t.match(desk.dispatched, [{ name: 'sla.sweep' }], 'and sent at once')
})

t.test('nobody else does', async (t) => {
  const before = desk.dispatched.length
  isProblem(t, await sender(desk)('POST', '/admin/sla/sweep'), 401)
  for (const role of ['Normal User', 'Technical User', 'Technical Supervisor'] as const) {
    isProblem(
      t,
      await sender(desk, await desk.person(role))('POST', '/admin/sla/sweep'),
      403,
      'forbidden',
      role,
    )
  }
  t.equal(desk.dispatched.length, before)
})
