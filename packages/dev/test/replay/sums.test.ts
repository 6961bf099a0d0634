import fc from 'fast-check'
import t from 'tap'
import { percentiles } from '../../src/replay/percentiles.ts'
import { startFakeDesk } from '../helpers/fake-desk.ts'
import { replayed, rowsFile, runReplay } from '../helpers/run-replay.ts'

t.test('percentiles are what a count says', async (t) => {
  t.equal(percentiles([]), null)
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 250 }), (values) => {
      /** The smallest value that at least so many percent do not exceed, by counting. */
      const oracle = (percent: number) =>
        Math.min(
          ...values.filter(
            (limit) => values.filter((value) => value <= limit).length * 100 >= percent * values.length,
          ),
        )
      const expected = { p50: oracle(50), p95: oracle(95), p99: oracle(99) }
      return JSON.stringify(percentiles(values)) === JSON.stringify(expected)
    }),
    { numRuns: 100 },
  )
})

t.test('sums of agents, waiting and times are those of the tickets', async (t) => {
  const desk = await startFakeDesk(t)
  const agentOf = (id: number) => ['Ada', 'Ada', 'Ada', 'Bob', undefined][id % 5]
  desk.assignment = ({ id, created_at }) => {
    const name = agentOf(id)
    if (name === undefined)
      return { assigned_to: null, waiting_reason: id % 2 ? 'all busy' : 'nobody has the skill' }
    const since = new Date(Date.parse(created_at) + (id - 1_000)).toISOString()
    return { assigned_to: name === 'Ada' ? 10 : 11, assigned_agent_name: name, since }
  }
  const { code, summary } = await replayed(desk.url, [rowsFile(t, 50)])
  t.equal(code, 0, 'who waits for a stated reason is not lost')
  t.equal(summary.assigned, 40)
  t.same(summary.agents, [
    { id: 10, name: 'Ada', tickets: 30, active: 5, max: 10 },
    { id: 11, name: 'Bob', tickets: 10, active: null, max: null },
  ])
  t.equal(summary.spread, 20)
  const waiting = Object.fromEntries((summary.waiting ?? []).map(({ reason, tickets }) => [reason, tickets]))
  t.same(waiting, { 'all busy': 5, 'nobody has the skill': 5 })
  const times = desk.tickets.filter(({ id }) => agentOf(id)).map(({ id }) => id - 1_000)
  t.same(summary.assignment_ms, percentiles(times))
})

t.test('a ticket that is not there, or waits for no reason, is lost', async (t) => {
  const desk = await startFakeDesk(t)
  const { assignment } = desk
  desk.assignment = (ticket) => {
    if (ticket.id === 1002) return undefined
    return ticket.id === 1004 ? { assigned_to: null, waiting_reason: null } : assignment(ticket)
  }
  const { code, summary } = await replayed(desk.url, [rowsFile(t, 5)])
  t.equal(code, 1)
  t.same(summary.lost?.toSorted(), [1002, 1004])
  t.match(summary.problems, [/neither assigned nor waiting: TKT-100[24], TKT-100[24]$/])
})

t.test('a ticket made twice is found among hundreds', async (t) => {
  const desk = await startFakeDesk(t)
  // Two from before the run, with the text of its rows, are none of it.
  const old = (id: number, row: number) => ({
    id,
    key: `old-${id}`,
    title: `Title ${row}`,
    description: `The long body of row ${row}`,
    created_at: '2025-01-01T00:00:00.000Z',
    fields: {},
    photo: undefined,
  })
  desk.tickets.push(old(1001, 1), old(1002, 2))
  desk.fault = ({ title }, nth) => {
    // A server that forgets its keys: it makes the ticket, and makes it again.
    if (title === 'Title 7' && nth === 1) {
      desk.tickets.push({ ...old(1001 + desk.tickets.length, 7), key: 'forgotten' })
      return 'reset'
    }
    return undefined
  }
  const { code, summary } = await replayed(desk.url, [rowsFile(t, 250)])
  t.equal(code, 1)
  t.equal(summary.created, 250)
  const extra = desk.tickets.find(({ key }) => key === 'forgotten')
  t.same(summary.duplicates, [extra?.id])
  t.same(summary.problems, [`tickets were made twice: TKT-${extra?.id}`])
})

t.test('a row without an answer that made a ticket is told apart from a duplicate', async (t) => {
  const desk = await startFakeDesk(t)
  desk.fault = ({ title }) => (title === 'Title 3' ? 'lose' : undefined)
  const { code, summary } = await replayed(desk.url, [rowsFile(t, 3)])
  t.equal(code, 1)
  t.equal(summary.created, 2)
  t.match(summary, { duplicates: [], unanswered: [{ line: 4, reason: 'connection lost' }] })
  t.equal(summary.created_unanswered?.length, 1)
  t.same(summary.problems, ['1 row got no answer; 1 of them made a ticket'])
})

t.test('people read the same in 80 columns, and no control character of a server', async (t) => {
  const desk = await startFakeDesk(t)
  desk.fault = ({ title }) =>
    title === 'Title 2'
      ? { status: 400, body: { detail: `\u001b[31mred\n${'long '.repeat(40)}` } }
      : undefined
  const { code, out, err } = await runReplay([rowsFile(t, 3), '--url', desk.url])
  t.equal(code, 0)
  for (const words of [
    /created +2\n/,
    /refused +1\n/,
    /line 3 {2}.*red/,
    /rows still owed +0\n/,
    /Nothing was lost/,
  ]) {
    t.match(out, words)
  }
  t.notOk(out.includes('\u001b'))
  for (const line of out.split('\n')) t.ok([...line].length <= 80, line)
  t.match(err, /Sending +3\/3/, 'progress is shown beside it')
})
