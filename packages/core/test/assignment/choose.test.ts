import { type Candidate, canTake, choose, NO_RECORD, type WaitingTicket } from '@servicedesk/core'
import fc from 'fast-check'
import t from 'tap'

const NOW = 1_700_000_000_000_000
const BY_WORKLOAD = {
  strategy: 'workload',
  weights: { capacity: 50, skills: 30, sla: 10, presence: 10 },
} as const
const plain = { categoryId: 1, counts: true }
const team = fc.option(fc.integer({ min: 1, max: 2 }), { nil: null })

const candidates = fc
  .array(
    fc.record({
      active: fc.nat(5),
      room: fc.nat(5),
      teamId: team,
      lastAssigned: fc.option(fc.nat(9), { nil: null }),
    }),
    { maxLength: 6 },
  )
  .map((rows) =>
    rows.map(
      ({ room, ...row }, n): Candidate => ({
        ...row,
        id: n + 1,
        name: `Agent ${n + 1}`,
        max: row.active + room,
        record: NO_RECORD,
      }),
    ),
  )

const waiting = fc
  .array(fc.record({ teamId: team, passedOver: fc.option(fc.integer({ min: 1, max: 6 }), { nil: null }) }), {
    maxLength: 25,
  })
  .map((rows) => rows.map((row, n): WaitingTicket => ({ ...row, ...plain, id: 1_001 + n })))

const copy = (rows: Candidate[]) => rows.map((row) => ({ ...row }))

/** Looks at every agent for every ticket and asks of each whether anybody is better. */
function bruteForce(tickets: WaitingTicket[], agents: Candidate[]): [number, number][] {
  const state = copy(agents)
  const given: [number, number][] = []
  for (const ticket of tickets) {
    const able = state.filter(
      (a) => a.active < a.max && (ticket.teamId === null || ticket.teamId === a.teamId),
    )
    const wanted = able.some((a) => a.id !== ticket.passedOver)
      ? able.filter((a) => a.id !== ticket.passedOver)
      : able
    const isBetter = (a: Candidate, b: Candidate) => {
      if (a.active !== b.active) return a.active < b.active
      const [x, y] = [a.lastAssigned ?? -1, b.lastAssigned ?? -1]
      return x === y ? a.id < b.id : x < y
    }
    const best = wanted.find((a) => wanted.every((b) => a === b || isBetter(a, b)))
    if (best === undefined) continue
    given.push([ticket.id, best.id])
    best.active += 1
    best.lastAssigned = NOW + given.length
  }
  return given
}

t.test('chooses as a search through everybody would', async () => {
  fc.assert(
    fc.property(waiting, candidates, (tickets, agents) => {
      const expected = bruteForce(tickets, agents)
      const choices = choose(BY_WORKLOAD, tickets, copy(agents), NOW)
      return (
        JSON.stringify(choices.map((each) => [each.ticketId, each.agent.id])) === JSON.stringify(expected)
      )
    }),
    { numRuns: 2_000 },
  )
})

t.test('nobody over the cap, nobody outside the team, nothing left that somebody could take', async () => {
  fc.assert(
    fc.property(waiting, candidates, (tickets, agents) => {
      const after = copy(agents)
      const choices = choose(BY_WORKLOAD, tickets, after, NOW)
      const given = new Map(choices.map((each) => [each.ticketId, each.agent]))
      return (
        after.every((agent) => agent.active <= agent.max) &&
        tickets.every((ticket) => {
          const agent = given.get(ticket.id)
          if (agent === undefined) return after.every((each) => !canTake(each, ticket))
          return ticket.teamId === null || agent.teamId === ticket.teamId
        })
      )
    }),
    { numRuns: 1_000 },
  )
})

t.test('among equals the spread is at most 1', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(80), (many, count) => {
      const agents = Array.from(
        { length: many },
        (_, n): Candidate => ({
          id: n + 1,
          name: '',
          teamId: null,
          active: 0,
          max: 100,
          lastAssigned: null,
          record: NO_RECORD,
        }),
      )
      const tickets = Array.from({ length: count }, (_, n) => ({
        ...plain,
        id: n,
        teamId: null,
        passedOver: null,
      }))
      choose(BY_WORKLOAD, tickets, agents, NOW)
      const loads = agents.map((agent) => agent.active)
      return Math.max(...loads) - Math.min(...loads) <= 1 && loads.reduce((a, b) => a + b) === count
    }),
  )
})
