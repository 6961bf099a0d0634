import t from 'tap'
import { createCoreDesk } from '../helpers/desk.ts'
import { runHistories } from './histories.ts'

t.test('random histories keep every promise of assignment', async (t) => {
  const desk = await createCoreDesk(t, 4)
  await t.resolves(runHistories(desk, { runs: 8, steps: 60 }))
})
