import fc from 'fast-check'
import t from 'tap'
import { overCap, spreadOf } from '../../src/replay/fairness.ts'
import { refillTimes } from '../../src/replay/refill-times.ts'
import { shareCategories } from '../../src/replay/share-categories.ts'

const team = (...agents: [active: number, max: number][]) => ({
  name: 'a team',
  waiting: 0,
  agents: agents.map(([active, max], id) => ({ id, name: `agent ${id}`, active, max })),
})

t.test('spread is among equals, and counts on top only who got tickets', async (t) => {
  const empty = team([0, 5], [0, 5], [0, 5])
  t.equal(spreadOf(empty, empty), null, 'nobody got any')
  t.equal(spreadOf(empty, team([2, 5], [2, 5], [2, 5])), 0)
  t.equal(spreadOf(empty, team([3, 5], [2, 5], [1, 5])), 2)
  t.equal(spreadOf(team([4, 5], [0, 5]), team([4, 5], [2, 5])), 0, 'the first had them before')
  t.equal(spreadOf(team([4, 5], [0, 5]), team([5, 5], [2, 5])), 3, 'and should not have got more')
  t.equal(spreadOf(team([0, 5], [0, 9]), team([5, 5], [9, 9])), 0, 'caps differ')
  t.equal(spreadOf(team([0, 5], [0, 9], [0, 9]), team([5, 5], [9, 9], [6, 9])), 3, 'the worst of all caps')
})

t.test('over the cap is who has more than it and got some', async (t) => {
  const ids = (start: ReturnType<typeof team>, now: ReturnType<typeof team>) =>
    overCap(start, now).map(({ id }) => id)
  t.strictSame(ids(team([0, 3], [0, 3]), team([3, 3], [4, 3])), [1])
  t.strictSame(ids(team([5, 3], [5, 3]), team([5, 3], [6, 3])), [1], 'the cap was lowered below the load')
  t.strictSame(ids(team([5, 3]), team([4, 3])), [])
})

t.test('each refill is timed from the resolve that made room for it', async (t) => {
  const ticket = (agentId: number, gotAt: number, at: number) => ({ ticketId: 0, agentId, gotAt, at })
  t.strictSame(refillTimes([]), [])
  const first = [ticket(1, 0, 100), ticket(1, 0, 150), ticket(2, 0, 120)]
  t.strictSame(refillTimes(first), [], 'nothing came after')
  const second = [ticket(1, 110, 300), ticket(1, 190, 310), ticket(2, 500, 600)]
  t.strictSame(
    refillTimes([...second, ...first]).toSorted((a, b) => a - b),
    [10, 40, 380],
  )
})

t.test('categories are shared so that no team could give one away and be better matched', async (t) => {
  t.strictSame(shareCategories(['A', 'B', 'C'], ['A', 'A', 'A', 'B', 'B', 'C', undefined], 2), [
    ['A'],
    ['B', 'C'],
  ])
  t.strictSame(shareCategories(['A'], ['A'], 3), [['A'], [], []], 'more teams than categories')
  fc.assert(
    fc.property(
      fc.array(fc.nat(30), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 1, max: 5 }),
      (rows, teams) => {
        const names = rows.map((_, index) => `category ${index}`)
        const used = rows.flatMap((count, index) => new Array<string>(count).fill(`category ${index}`))
        const shares = shareCategories(names, used, teams)
        const size = (share: readonly string[]) => used.filter((name) => share.includes(name)).length
        const [least = 0] = shares.map(size).toSorted((a, b) => a - b)
        const isWhole = JSON.stringify(shares.flat().toSorted()) === JSON.stringify(names.toSorted())
        // Each got its last category when it had the least.
        return isWhole && shares.every((share) => share.length < 2 || size(share.slice(0, -1)) <= least)
      },
    ),
  )
})
