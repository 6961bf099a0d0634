import t from 'tap'
import { newJournal, reachedIn, wasTold } from '../../src/realtime/journal.ts'

t.test('who has joined again has got as far as the earliest of what it lacks', async (t) => {
  const sent = (seq: number, n: number, ticketId = 1001) => ({ ticketId, seq, n })
  t.equal(reachedIn(1001, 9, []), 9, 'all')
  t.equal(reachedIn(1001, 9, [sent(8, 1), sent(9, 2)]), 7)
  // 9 was sent, then it joined again with 6, and the rest did not arrive.
  t.equal(reachedIn(1001, 9, [sent(9, 1), sent(7, 2), sent(8, 3), sent(9, 4)]), 6)
  t.equal(reachedIn(1001, 9, [{ alertId: 3, n: 1 }, sent(2, 2, 1002)]), 9, 'of others it says nothing')
})

t.test('an alert is told again when it has come to stand for one more, and not before', async (t) => {
  const journal = {
    ...newJournal(),
    latest: [
      { alertId: 1, occurrences: 2, n: 1 },
      { alertId: 2, n: 2 },
    ],
  }
  const told = [1, 2, 3].flatMap((id) => [1, 2, 3].map((occurrences) => wasTold(journal, id, occurrences)))
  t.same(told, [true, true, false, true, false, false, false, false, false])
})
