import { type AssignmentSettings, type Candidate, choose, NO_RECORD } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'

const NOW = 1_700_000_000_000_000
const WEIGHTS = { capacity: 50, skills: 30, sla: 10, presence: 10 }
const STRATEGIES = ['workload', 'score', 'round_robin'] as const

const agent = (id: number, more: Partial<Candidate> = {}): Candidate => ({
  id,
  name: `Agent ${id}`,
  teamId: null,
  active: 0,
  max: 10,
  lastAssigned: null,
  record: NO_RECORD,
  ...more,
})
const ticket = (id: number, more = {}) => ({
  id,
  teamId: null,
  categoryId: 7,
  passedOver: null,
  counts: true,
  ...more,
})
const by = (strategy: AssignmentSettings['strategy']) => ({ strategy, weights: WEIGHTS })

t.test('score: the skilled one first, until the load outweighs the skill', async (t) => {
  const skilled = agent(1, { active: 3, record: { ...NO_RECORD, skills: { 7: 5 } } })
  const idle = agent(2)
  const choices = choose(
    by('score'),
    [1, 2, 3, 4, 5, 6].map((id) => ticket(id)),
    [skilled, idle],
    NOW,
  )
  t.same(
    choices.map((choice) => choice.agent.id),
    [1, 1, 1, 2, 1, 2],
    'of equal points the one with fewer tickets',
  )
  t.match(choices[0], {
    strategy: 'score',
    score: 72.5,
    parts: {
      capacity: 35,
      skills: 30,
      sla: 7.5,
      presence: 0,
      active_tickets: 3,
      max_tickets: 10,
      candidates: 2,
    },
    reason:
      'Agent 1 had 72.5 of 100 points, the most among 2 available agents: free capacity 35 of 50, skills 30 of 30, targets met 7.5 of 10, presence 0 of 10',
  })
  t.equal(choose(by('score'), [ticket(1, { categoryId: 8 })], [skilled, idle], NOW)[0]?.agent.id, 2)
})

t.test('round robin: whoever waited longest, however much they have', async (t) => {
  const agents = [
    agent(1, { lastAssigned: NOW - 5 }),
    agent(2, { active: 9, lastAssigned: NOW - 9 }),
    agent(3, { active: 4 }),
  ]
  const choices = choose(
    by('round_robin'),
    [1, 2, 3, 4, 5].map((id) => ticket(id)),
    agents,
    NOW,
  )
  t.same(
    choices.map((choice) => choice.agent.id),
    [3, 2, 1, 3, 1],
    'the second is full after one',
  )
  t.equal(choices[0]?.score, null)
  t.match(
    choices[0]?.reason,
    /^It was the turn of Agent 3, who was never given one before, among 3 available/,
  )
  t.match(
    choices[1]?.reason,
    /^It was the turn of Agent 2, who was given one longest ago \(2023-11-14T22:13:19.999Z/,
  )
})

t.test('turns go on where others stopped, even those of a host whose clock is ahead', async (t) => {
  const ahead = [agent(1, { lastAssigned: NOW + 50 }), agent(2, { lastAssigned: NOW + 60 })]
  const choices = choose(
    by('round_robin'),
    [1, 2, 3, 4].map((id) => ticket(id)),
    ahead,
    NOW,
  )
  t.same(
    choices.map(({ agent, turn }) => [agent.id, turn - NOW]),
    [
      [1, 61],
      [2, 62],
      [1, 63],
      [2, 64],
    ],
  )
})

t.test('the reason names the team and who was passed over', async (t) => {
  const agents = [agent(1, { teamId: 3 }), agent(2, { teamId: 3, active: 2 }), agent(4)]
  const [choice] = choose(by('workload'), [ticket(1, { teamId: 3, passedOver: 1 })], agents, NOW)
  t.equal(
    choice?.reason,
    'Agent 2 had 2 of at most 10 active tickets, the fewest among 1 available agent of the team; Agent 1, who had it before, was passed over',
  )
  const alone = choose(by('workload'), [ticket(1, { passedOver: 1 })], [agent(1)], NOW)
  t.equal(alone[0]?.agent.id, 1, 'unless nobody else can take it')
})

t.test('what does not count takes no capacity', async (t) => {
  const [last] = [agent(1, { active: 9 })]
  const tickets = [ticket(1, { counts: false }), ticket(2, { counts: false }), ticket(3), ticket(4)]
  const choices = choose(by('workload'), tickets, [last!], NOW)
  t.same(
    choices.map((choice) => choice.ticketId),
    [1, 2, 3],
  )
  t.equal(last?.active, 10)
})

t.test(
  'ties are total and fair: the order of the candidates does not matter, and equals share alike',
  async () => {
    const equal = fc.record({
      record: fc.constant({ ...NO_RECORD, isPresent: true }),
      lastAssigned: fc.constantFrom(null, NOW - 3, NOW - 1),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...STRATEGIES),
        fc.array(equal, { minLength: 1, maxLength: 7 }),
        fc.nat(60),
        fc.infiniteStream(fc.nat(6)),
        (strategy, rows, many, draws) => {
          const agents = rows.map((row, n) => agent(n + 1, row))
          const order = agents.map((each) => ({ each, key: draws.next().value ?? 0 }))
          const shuffled = order.sort((a, b) => a.key - b.key).map(({ each }) => ({ ...each }))
          const tickets = Array.from({ length: many }, (_, n) => ticket(n))
          const idsOf = (given: Candidate[]) =>
            choose(by(strategy), tickets, given, NOW).map((choice) => choice.agent.id)
          const [straight, mixed] = [idsOf(agents), idsOf(shuffled)]
          const loads = agents.map((each) => each.active)
          return (
            JSON.stringify(straight) === JSON.stringify(mixed) && Math.max(...loads) - Math.min(...loads) <= 1
          )
        },
      ),
      { numRuns: 500 },
    )
  },
)
