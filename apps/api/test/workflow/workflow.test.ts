import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { isProblem } from '../helpers/problem.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const own = sender(desk, await desk.person('Normal User'))
const staff = sender(desk, await desk.person('Technical User'))

t.test('the workflow under each of its addresses, as contract.md has it', async (t) => {
  const answers = await Promise.all(
    ['/tickets/workflow/transitions', '/tickets/status/workflow', '/status/workflow'].map((path) =>
      own('GET', path),
    ),
  )
  for (const answer of answers) {
    t.equal(answer.statusCode, 200)
    t.same(answer.json(), answers[0]!.json())
  }
  const { statuses, transitions, role_permissions, ...rest } = answers[0]!.json()
  t.same(rest, {})
  t.same(statuses[2], {
    name: 'In Progress',
    description: 'Being worked on',
    color: '#7c3aed',
    order: 2,
    is_open: true,
    class: 'open',
  })
  t.same(
    statuses.map((each: { name: string; is_open: boolean }) => [each.name, each.is_open]),
    [
      ['New', true],
      ['Open', true],
      ['In Progress', true],
      ['Pending', true],
      ['Resolved', false],
      ['Closed', false],
    ],
  )
  t.same(transitions, {
    New: ['Open', 'In Progress', 'Pending', 'Resolved', 'Closed'],
    Open: ['In Progress', 'Pending', 'Resolved', 'Closed'],
    'In Progress': ['Open', 'Pending', 'Resolved', 'Closed'],
    Pending: ['Open', 'In Progress', 'Resolved', 'Closed'],
    Resolved: ['Open', 'Closed'],
    Closed: ['Open'],
  })
  const all = {
    can_create: true,
    can_update: ['Open', 'In Progress', 'Pending', 'Resolved', 'Closed'],
    can_close: true,
    can_reopen: true,
  }
  t.same(role_permissions, {
    'Normal User': { can_create: true, can_update: ['Open', 'Closed'], can_close: true, can_reopen: true },
    'Technical User': all,
    'Technical Supervisor': all,
    'System Admin': all,
  })
})

t.test('allowed transitions are the caller’s, however the status is written', async (t) => {
  for (const [written, current_status, ofStaff, ofRequesters] of [
    ['New', 'New', ['Open', 'In Progress', 'Pending', 'Resolved', 'Closed'], ['Closed']],
    ['in_progress', 'In Progress', ['Open', 'Pending', 'Resolved', 'Closed'], ['Closed']],
    ['IN%20PROGRESS', 'In Progress', ['Open', 'Pending', 'Resolved', 'Closed'], ['Closed']],
    ['resolved', 'Resolved', ['Open', 'Closed'], ['Open', 'Closed']],
    ['Closed', 'Closed', ['Open'], ['Open']],
  ] as const) {
    for (const prefix of ['/tickets/status', '/status']) {
      const path = `${prefix}/allowed-transitions/${written}`
      t.match((await staff('GET', path)).json(), { current_status, allowed_transitions: ofStaff })
      const answer = (await own('GET', path)).json()
      t.match(answer, { current_status, allowed_transitions: ofRequesters })
      t.match(answer.statuses[0], { name: 'New', class: 'new', order: 0 })
      t.equal(answer.statuses.length, 6)
    }
  }
})

t.test('a status that is none is 404; nobody reads it without signing in', async (t) => {
  for (const name of ['Done', '__proto__', 'constructor', '%20', '1'])
    isProblem(t, await own('GET', `/tickets/status/allowed-transitions/${name}`), 404, 'not_found', name)
  isProblem(t, await own('GET', `/tickets/status/allowed-transitions/${'x'.repeat(500)}`), 400)
  for (const path of ['/tickets/workflow/transitions', '/status/workflow'])
    isProblem(t, await sender(desk)('GET', path), 401)
})

t.test('the document marks the aliases as deprecated, and nothing else here', async (t) => {
  const { paths } = (await desk.app.inject({ url: '/api/openapi.json' })).json()
  const deprecated = Object.keys(paths).filter(
    (path) => /\b(workflow|allowed-transitions)\b/.test(path) && paths[path].get?.deprecated,
  )
  t.same(deprecated, ['/status/workflow', '/status/allowed-transitions/{status}'])
})
