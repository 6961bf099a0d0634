import t from 'tap'
import { anyHistory } from './any-history.ts'

t.test('a few histories: the row is what its log rebuilds, and what a minute-by-minute count says', (t) =>
  anyHistory(t, 2),
)
