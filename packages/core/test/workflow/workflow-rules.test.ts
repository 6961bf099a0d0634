import { ROLE_NAMES, type RoleName, type Workflow, workflowProblems } from '@servicedesk/core'
import { STATUS_CLASSES, type StatusClass } from '@servicedesk/db'
import fc from 'fast-check'
import t from 'tap'

function workflowOf(
  classes: readonly StatusClass[],
  rows: readonly (readonly [from: number, to: number, roles: readonly RoleName[]])[],
): Workflow {
  return {
    statuses: classes.map((statusClass, id) => ({
      id,
      name: `S${id}`,
      slug: `s${id}`,
      class: statusClass,
      description: '',
      color: '#000000',
      position: id,
    })),
    transitions: rows.map(([fromStatusId, toStatusId, roles], id) => ({
      id,
      fromStatusId,
      toStatusId,
      roles: [...roles],
    })),
  }
}

/** The same rules by walking every way step by step, as often as there are statuses. */
function oracle({ statuses, transitions }: Workflow): string[] {
  const isDone = (id: number) => ['resolved', 'closed'].includes(statuses[id]?.class ?? '')
  const steps = transitions.filter(({ fromStatusId: from, toStatusId: to, roles }) => {
    const byStaff = roles.some((role) => role !== 'Normal User')
    const byRequester =
      roles.includes('Normal User') &&
      (statuses[to]?.class === 'closed' || (statuses[to]?.class === 'open' && isDone(from)))
    return byStaff || byRequester
  })
  const leads = (from: number, goal: (id: number) => boolean, left: number): boolean =>
    goal(from) ||
    (left > 0 && steps.some((step) => step.fromStatusId === from && leads(step.toStatusId, goal, left - 1)))
  const many = statuses.length
  const first = statuses.find((status) => status.class === 'new')
  const has = (...classes: string[]) => statuses.some((status) => classes.includes(status.class))
  return [
    ...(has('new') ? [] : ['missing_class new']),
    ...(has('open') ? [] : ['missing_class open']),
    ...(has('resolved', 'closed') ? [] : ['missing_class resolved']),
    ...statuses.flatMap(({ id }) =>
      first !== undefined && !leads(first.id, (each) => each === id, many) ? [`unreachable ${id}`] : [],
    ),
    ...statuses.flatMap(({ id }) => (leads(id, isDone, many) ? [] : [`dead_end ${id}`])),
  ]
}

const anyClasses = fc.array(fc.constantFrom(...STATUS_CLASSES), { maxLength: 5 })
const goodClasses = fc
  .array(fc.constantFrom(...STATUS_CLASSES), { maxLength: 1 })
  .map((more): StatusClass[] => ['new', 'open', 'closed', ...more])

const workflow = fc.oneof(anyClasses, goodClasses).chain((classes) => {
  const place = fc.nat({ max: Math.max(0, classes.length - 1) })
  const roles = fc.uniqueArray(fc.constantFrom(...ROLE_NAMES), { maxLength: 2 })
  return fc
    .uniqueArray(fc.tuple(place, place, roles), { maxLength: 10, selector: ([from, to]) => `${from} ${to}` })
    .map((rows) => workflowOf(classes, classes.length === 0 ? [] : rows))
})

t.test('the rules, against every way walked one by one', async (t) => {
  const seen: Record<string, number> = { sound: 0 }
  fc.assert(
    fc.property(workflow, (each) => {
      const expected = oracle(each)
      for (const key of expected.length === 0 ? ['sound'] : expected.map((text) => text.split(' ')[0] ?? ''))
        seen[key] = (seen[key] ?? 0) + 1
      const keys = workflowProblems(each).map((problem) => problem.key)
      return JSON.stringify(keys) === JSON.stringify(expected)
    }),
    { numRuns: 600 },
  )
  for (const key of ['sound', 'missing_class', 'unreachable', 'dead_end'])
    t.ok((seen[key] ?? 0) > 3, `${key} was among them: ${seen[key]}`)
})

t.test('a transition that only requesters have and may not take leads nowhere', async (t) => {
  const classes: StatusClass[] = ['new', 'open', 'closed']
  const keys = (roles: RoleName[]) =>
    workflowProblems(
      workflowOf(classes, [
        [0, 1, roles],
        [0, 2, ['Normal User']],
        [1, 2, ['Normal User']],
      ]),
    ).map((problem) => problem.key)
  t.strictSame(keys(['Normal User']), ['unreachable 1'])
  t.strictSame(keys(['Normal User', 'Technical User']), [])
})
