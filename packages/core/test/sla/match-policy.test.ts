import { matchPolicy } from '@servicedesk/core'
import type { slaPolicies } from '@servicedesk/db'
import fc from 'fast-check'
import t from 'tap'

type Policy = typeof slaPolicies.$inferSelect

const some = fc.option(fc.integer({ min: 1, max: 3 }), { nil: null })
const policy: fc.Arbitrary<Policy> = fc.record({
  id: fc.nat(),
  name: fc.constant('A policy'),
  position: fc.nat(),
  priorityId: some,
  categoryId: some,
  teamId: some,
  calendarId: fc.constant(1),
  firstResponseSeconds: fc.constant(60),
  resolutionSeconds: fc.constant(60),
  warnPercent: fc.constant(80),
  breachAlert: fc.constant(true),
  breachEscalate: fc.constant(false),
  breachReassign: fc.constant(false),
  isActive: fc.boolean(),
  changedAt: fc.constant(new Date()),
})
const subject = fc.record({
  priorityId: fc.integer({ min: 1, max: 3 }),
  categoryId: fc.integer({ min: 1, max: 3 }),
  teamId: some,
})

t.test('the first in order all of whose given members fit', async () => {
  fc.assert(
    fc.property(fc.array(policy, { maxLength: 8 }), subject, (policies, ticket) => {
      const fitting: Policy[] = []
      for (const each of policies) {
        let fits = each.isActive
        for (const member of ['priorityId', 'categoryId', 'teamId'] as const) {
          if (each[member] !== null && each[member] !== ticket[member]) fits = false
        }
        if (fits) fitting.push(each)
      }
      return matchPolicy(policies, ticket) === fitting[0]
    }),
    { numRuns: 1_000 },
  )
})

t.test('a policy of a team does not match a ticket without one', async (t) => {
  const [one] = fc.sample(policy, 1)
  const teams = { ...one!, priorityId: null, categoryId: null, teamId: 1, isActive: true }
  t.equal(matchPolicy([teams], { priorityId: 1, categoryId: 1, teamId: null }), undefined)
  t.equal(matchPolicy([teams], { priorityId: 1, categoryId: 1, teamId: 1 }), teams)
  t.equal(matchPolicy([], { priorityId: 1, categoryId: 1, teamId: 1 }), undefined)
})
