import t from 'tap'
import { reachedIn } from '../../src/realtime/journal.ts'

t.test('who has joined again has got as far as the earliest of what it lacks', async (t) => {
  const sent = (seq: number, n: number, ticketId = 1001) => ({ ticketId, seq, n })
  t.equal(reachedIn(1001, 9, []), 9, 'all')
  t.equal(reachedIn(1001, 9, [sent(8, 1), sent(9, 2)]), 7)
  // 9 was sent, then it joined again with 6, and the rest did not arrive.
  t.equal(reachedIn(1001, 9, [sent(9, 1), sent(7, 2), sent(8, 3), sent(9, 4)]), 6)
  t.equal(reachedIn(1001, 9, [{ alertId: 3, n: 1 }, sent(2, 2, 1002)]), 9, 'of others it says nothing')
})
