import fc from 'fast-check'
import t from 'tap'
import { createAllowance } from '../../src/realtime/rate.ts'

t.test('sixty at once and twenty a second are served, whatever the pauses', async () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 400 })
  fc.assert(
    fc.property(pauses, (gaps) => {
      let now = 0
      const allowance = createAllowance(() => now)
      const served: number[] = []
      for (const gap of gaps) {
        now += gap
        if (allowance.take() === 'ok') served.push(now)
      }
      // Never more than the burst and what time gave back, in any span that begins with a served request.
      return served.every((from, i) =>
        served.every((to, j) => j < i || j - i + 1 <= 60 + ((to - from) / 1_000) * 20 + 1e-6),
      )
    }),
  )
})

t.test('who keeps to the rate is never refused', async (t) => {
  let now = 0
  const allowance = createAllowance(() => now)
  const verdicts = new Set(
    Array.from({ length: 2_000 }, () => {
      now += 50
      return allowance.take()
    }),
  )
  t.same([...verdicts], ['ok'])
})

t.test('who goes on for far too long is cut off, and who pauses is forgiven', async (t) => {
  let now = 0
  const allowance = createAllowance(() => now)
  const take = (many: number) => Array.from({ length: many }, () => allowance.take())
  t.same(new Set(take(60)), new Set(['ok']))
  t.same(new Set(take(400)), new Set(['refused']))
  now += 60_000
  t.same(new Set(take(60)), new Set(['ok']))
  t.same(new Set(take(500)), new Set(['refused']))
  t.same(take(1), ['cut'])
})
