import t from 'tap'
import { anyHistory } from './any-history.ts'

t.test('any history: the row is what its log rebuilds, and what a minute-by-minute count says', (t) =>
  anyHistory(t, 60),
)
