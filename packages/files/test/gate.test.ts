import t from 'tap'
import { createGate } from '../src/gate.ts'

t.test('no more than so many at once, in the order they came, whatever fails', async (t) => {
  const gate = createGate(2)
  const started: number[] = []
  const endings: (() => void)[] = []
  let running = 0
  let most = 0
  const work = (n: number) =>
    gate(async () => {
      started.push(n)
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((end) => endings.push(end))
      running -= 1
      if (n % 2 === 0) throw new Error(`${n} fails`)
      return n
    })
  const all = Promise.allSettled([0, 1, 2, 3, 4].map(work))
  for (let n = 0; n < 5; n++) {
    t.ok(started.length <= n + 2)
    endings[n]!()
    // The next one starts when the promises in between are through.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const results = await all
  t.same(started, [0, 1, 2, 3, 4])
  t.equal(most, 2)
  t.same(
    results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message)),
    ['0 fails', 1, '2 fails', 3, '4 fails'],
  )
  const last = gate(async () => 'room again')
  t.equal(await last, 'room again')
})
