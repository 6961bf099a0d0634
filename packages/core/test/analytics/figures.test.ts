import t from 'tap'
import { anyHistory } from './any-history.ts'

const DAY = 86_400_000

t.test('some histories that reach today: every figure is what an oracle makes of the rows', (t) =>
  anyHistory(t, Date.now() - 5 * DAY, { runs: 2, length: 30 }),
)
