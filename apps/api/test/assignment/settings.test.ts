import { auditLog } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const actor = await desk.person('System Admin')
const admin = sender(desk, actor)
const user = sender(desk, await desk.person('Normal User'))
const read = async () => (await user('GET', '/config/assignment')).json()
const put = (body?: object) => admin('PUT', '/config/assignment', body)

const DEFAULTS = {
  strategy: 'workload',
  include_supervisors: true,
  pending_frees_capacity: false,
  weights: { capacity: 50, skills: 30, sla: 10, presence: 10 },
}

t.test('members that are not sent stay, and the change is read at once and audited', async (t) => {
  t.same(await read(), DEFAULTS)
  const changed = await put({ strategy: 'round_robin' })
  t.equal(changed.statusCode, 200)
  t.same(changed.json(), { ...DEFAULTS, strategy: 'round_robin' })
  t.same(await read(), changed.json())
  await put({ weights: { capacity: 40, presence: 20 }, include_supervisors: false })
  t.same(await read(), {
    ...DEFAULTS,
    strategy: 'round_robin',
    include_supervisors: false,
    weights: { capacity: 40, skills: 30, sla: 10, presence: 20 },
  })
  t.match(await desk.db.select().from(auditLog), [
    {
      actorId: actor.id,
      action: 'update',
      entity: 'setting',
      entityId: 'assignment',
      data: { strategy: 'round_robin' },
    },
    { actorId: actor.id, data: { include_supervisors: false } },
  ])
  const before = await contentOf(desk)
  for (const same of [{}, await read()]) t.equal((await put(same)).statusCode, 200)
  t.same(await contentOf(desk), before, 'what is so already is no change')
})

t.test('only admins, and bad input changes nothing and names the member', async (t) => {
  await put(DEFAULTS)
  for (const role of ['Normal User', 'Technical User', 'Technical Supervisor'] as const) {
    const send = sender(desk, await desk.person(role))
    isProblem(t, await send('PUT', '/config/assignment', { strategy: 'score' }), 403, 'forbidden', role)
  }
  isProblem(t, await sender(desk)('PUT', '/config/assignment', { strategy: 'score' }), 401)
  const before = await contentOf(desk)
  const cases: [string, object][] = [
    ['strategy', { strategy: 'random' }],
    ['strategy', { strategy: null }],
    ['include_supervisors', { include_supervisors: 'yes' }],
    ['pending_frees_capacity', { pending_frees_capacity: 1 }],
    ['weights', { weights: { capacity: 51 } }],
    ['weights', { weights: { capacity: 49 } }],
    ['weights', { weights: { capacity: 0, skills: 0, sla: 0, presence: 0 } }],
    ['weights.capacity', { weights: { capacity: -1, skills: 81 } }],
    ['weights.capacity', { weights: { capacity: 49.5, skills: 30.5 } }],
    ['weights.sla', { weights: { sla: '10' } }],
    ['weights.luck', { weights: { luck: 10 } }],
    ['weights', { weights: 100 }],
    ['fairness', { fairness: true }],
  ]
  for (const [member, body] of cases) {
    const answer = await put({ strategy: 'score', ...body })
    const { errors } = isProblem(t, answer, 400, 'validation_failed', JSON.stringify(body))
    t.equal(errors[0]?.path, member)
  }
  t.same(await contentOf(desk), before)
  t.equal((await put({ weights: { capacity: 100, skills: 0, sla: 0, presence: 0 } })).statusCode, 200)
})

t.test('two admins who change different members at once both do', async (t) => {
  await put(DEFAULTS)
  await Promise.all([
    put({ strategy: 'score' }),
    put({ include_supervisors: false }),
    put({ pending_frees_capacity: true }),
  ])
  t.same(await read(), {
    ...DEFAULTS,
    strategy: 'score',
    include_supervisors: false,
    pending_frees_capacity: true,
  })
})
