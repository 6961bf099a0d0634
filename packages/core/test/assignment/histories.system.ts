import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { runHistories } from './histories.ts'

t.test('many long histories keep every promise of assignment', { timeout: 600_000 }, async (t) => {
  const desk = await createCoreDesk(t, 4)
  await t.resolves(runHistories(desk, { runs: 30, steps: 120 }))
})
