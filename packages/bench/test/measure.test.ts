import t from 'tap'
import { measure, quantile } from '../src/measure.ts'

t.test('quantiles of sorted numbers', async (t) => {
  t.equal(quantile([], 0.5), 0)
  t.equal(quantile([1, 2, 3, 4], 0.5), 3)
  t.equal(quantile([1, 2, 3, 4], 0.99), 4)
})

t.test('as many run at a time as asked for, and a failure ends the measurement', async (t) => {
  let running = 0
  let most = 0
  const measured = await measure('x', { inFlight: 4, durationMs: 20 }, async () => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setImmediate(resolve))
    running -= 1
  })
  t.equal(most, 4)
  t.ok(measured.perSecond > 0)
  await t.rejects(
    measure('x', { inFlight: 2, durationMs: 20 }, async () => {
      throw new Error('broken')
    }),
    { message: 'broken' },
  )
})
