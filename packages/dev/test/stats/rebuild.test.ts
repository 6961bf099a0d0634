import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { statsDays } from '@servicedesk/db'
import { createTestDesk, rollUp } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { repositoryRoot } from '../../src/config.ts'
import { runRebuild } from '../../src/stats/run-rebuild.ts'

/** The command as an operator runs it: the built program. */
function rebuild(environment: NodeJS.ProcessEnv): Promise<{ code: number | null; out: string; err: string }> {
  const program = join(repositoryRoot, 'packages', 'dev', 'dist', 'stats-rebuild.js')
  const env = { PATH: process.env.PATH, ...environment }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program], { env }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    )
  })
}

t.test('rolls every day up, again and again', async (t) => {
  const desk = await createTestDesk(t)
  t.match(await runRebuild(desk.url, () => undefined), /^Rolled up 0 days in \d+\.\d\d s\.$/)
  const requester = await desk.person('Normal User')
  await desk.core.tickets.create(requester, { title: 'Screen', description: 'Black since this morning.' })
  await desk.db.execute(sql`UPDATE tickets SET created_at = now() - interval '2 days', status_class = 'closed',
    closed_at = now() - interval '1 day', status_id = (SELECT id FROM statuses WHERE class = 'closed')`)
  await rollUp(desk.db)
  t.match(await runRebuild(desk.url, () => undefined), /^Rolled up 2 days in \d+\.\d\d s\.$/)
  await desk.db.update(statsDays).set({ settled: 7 })
  t.match(await rebuild({ DATABASE_URL: desk.url }), {
    code: 0,
    err: '',
    out: /^Rolled up 2 days in \d+\.\d\d s\.\n$/,
  })
  t.match(await desk.db.select().from(statsDays).where(eq(statsDays.dimension, 'all')), [{ settled: 1 }])
})

t.test('a database that is away is one sentence and exit code 1', async (t) => {
  const away = await rebuild({ DATABASE_URL: 'postgres://x:y@127.0.0.1:1/servicedesk' })
  t.match(away, { code: 1, out: '', err: /^The database at 127\.0\.0\.1:1 cannot be used: [^\n]+\n$/ })
})
