import fc from 'fast-check'
import t from 'tap'
import { KINDS, LINKS, nameOf, PROGRAMS, planFaults } from '../../src/faults/plan.ts'
import { createRandom } from '../../src/faults/random.ts'

const seed = fc.integer({ min: 0, max: 2 ** 31 })

t.test('a seed makes the same choices again, another makes others', async (t) => {
  t.same(planFaults(80, createRandom(7)), planFaults(80, createRandom(7)))
  t.notSame(planFaults(80, createRandom(7)), planFaults(80, createRandom(8)))
})

t.test('choices stay within what they are made from', async () => {
  fc.assert(
    fc.property(seed, fc.integer({ min: -50, max: 50 }), fc.nat(60), (seed, low, width) => {
      const random = createRandom(seed)
      const drawn = random.between(low, low + width)
      const order = random.shuffled([1, 2, 3, 4, 5])
      return (
        Number.isInteger(drawn) &&
        drawn >= low &&
        drawn <= low + width &&
        order.toSorted().join() === '1,2,3,4,5'
      )
    }),
  )
})

t.test('every kind of fault comes as often as any other', async (t) => {
  fc.assert(
    fc.property(seed, fc.integer({ min: 1, max: 4 }), (seed, rounds) => {
      const plan = planFaults(KINDS * rounds, createRandom(seed))
      const times = new Map<string, number>()
      for (const { fault } of plan) times.set(nameOf(fault), (times.get(nameOf(fault)) ?? 0) + 1)
      return times.size === KINDS && [...times.values()].every((each) => each === rounds)
    }),
    { numRuns: 30 },
  )
  t.throws(() => createRandom(1).pick([]), { message: 'nothing to pick from' })
})

t.test('in the end every process is killed and every link cut', async (t) => {
  const faults = planFaults(KINDS * 20, createRandom(1)).map(({ fault }) => fault)
  const killed = new Set(faults.flatMap((fault) => (fault.kind === 'kill' ? [fault.process] : [])))
  t.same([...killed].toSorted(), [...PROGRAMS, 'mail', 'postgres', 'redis'].toSorted())
  const cut = new Set(faults.flatMap((fault) => (fault.kind === 'cut' ? [fault.link] : [])))
  t.same([...cut].toSorted(), [...LINKS].toSorted())
})
