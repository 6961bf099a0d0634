import { allowedTransitions, ROLE_NAMES, type RoleName } from '@servicedesk/core'
import { STATUS_CLASSES } from '@servicedesk/db'
import fc from 'fast-check'
import t from 'tap'

/** Any workflow at all, the sensible ones among them. */
const workflow = fc
  .array(fc.constantFrom(...STATUS_CLASSES), { minLength: 1, maxLength: 7 })
  .chain((classes) => {
    const statuses = classes.map((statusClass, n) => ({
      id: n + 10,
      name: `S${n}`,
      slug: `s${n}`,
      class: statusClass,
      description: '',
      color: '#000000',
      position: n,
    }))
    const place = fc.constantFrom(...statuses.map((status) => status.id))
    const transition = fc.record({
      fromStatusId: place,
      toStatusId: place,
      roles: fc.uniqueArray(fc.constantFrom(...ROLE_NAMES), { maxLength: 4 }),
    })
    const pair = (row: { fromStatusId: number; toStatusId: number }) =>
      `${row.fromStatusId} ${row.toStatusId}`
    return fc
      .uniqueArray(transition, { maxLength: 20, selector: pair })
      .map((rows) => ({ statuses, transitions: rows.map((row, n) => ({ ...row, id: n })) }))
  })

t.test('what a role may do is what its rows say, less what requesters never may', async (t) => {
  let forbidden = 0
  fc.assert(
    fc.property(workflow, fc.constantFrom<RoleName>(...ROLE_NAMES), ({ statuses, transitions }, role) => {
      for (const from of statuses) {
        const expected: string[] = []
        for (const to of statuses) {
          const row = transitions.find((each) => each.fromStatusId === from.id && each.toStatusId === to.id)
          if (!row?.roles.includes(role)) continue
          const isRequesters =
            to.class === 'closed' ||
            (to.class === 'open' && (from.class === 'resolved' || from.class === 'closed'))
          if (role !== 'Normal User' || isRequesters) expected.push(to.name)
          else forbidden += 1
        }
        const answered = allowedTransitions({ statuses, transitions }, from, role)
        if (JSON.stringify(answered.map((each) => each.name)) !== JSON.stringify(expected)) return false
      }
      return true
    }),
    { numRuns: 500 },
  )
  t.ok(forbidden > 50, `requesters were kept from ${forbidden} moves that rows would have let them make`)
})
