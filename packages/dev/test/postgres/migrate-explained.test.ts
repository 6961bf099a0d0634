import t from 'tap'
import { migrateExplained } from '../../src/postgres/migrate-explained.ts'
import { freePort } from '../../src/process/ports.ts'

t.test('a database that cannot be reached is one sentence without its password', async (t) => {
  const port = await freePort()
  await t.rejects(migrateExplained(`postgres://me:secret@127.0.0.1:${port}/x`), {
    name: 'UserError',
    message: /^The database at 127\.0\.0\.1:\d+ cannot be used: [^\n]*ECONNREFUSED[^\n]*\.$/,
  })
})
