import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { slaClocks } from '@servicedesk/db'
import { createTestDesk } from '@servicedesk/testing'
import { isNotNull, sql } from 'drizzle-orm'
import t from 'tap'
import { repositoryRoot } from '../../src/config.ts'
import { runSweep } from '../../src/sla/run-sweep.ts'

const desk = await createTestDesk(t)
const dataDir = mkdtempSync(join(tmpdir(), 'servicedesk-sweep-'))
t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))

interface Run {
  code: number | null
  out: string
  err: string
}

/** The command as cron runs it: the built program, with nothing in its environment but what is given. */
function sweep(environment: NodeJS.ProcessEnv): Promise<Run> {
  const program = join(repositoryRoot, 'packages', 'dev', 'dist', 'sla-sweep.js')
  const env = { PATH: process.env.PATH, DATA_DIR: dataDir, ...environment }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program], { env }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    )
  })
}

async function makeDue(many: number): Promise<void> {
  const requester = await desk.person('Normal User')
  const wanted = { title: 'Screen is black', description: 'It was fine yesterday evening.' }
  for (let n = 0; n < many; n += 1) await desk.core.tickets.create(requester, wanted)
  await desk.db.execute(
    sql`UPDATE sla_clocks SET due_at = now() - interval '1 minute' WHERE metric = 'resolution' AND breached_at IS NULL`,
  )
}

t.test('two at once do what is to be done, once, and say what it was', async (t) => {
  await makeDue(6)
  await desk.db.execute(sql`UPDATE sla_clocks SET warn_at = now() WHERE metric = 'first_response' AND id < 4`)
  // Without DATABASE_URL it is the desk that runs on DATA_DIR.
  writeFileSync(join(dataDir, 'run.json'), JSON.stringify({ pid: 1, databaseUrl: desk.url, processes: {} }))
  const runs = await Promise.all([sweep({ DATABASE_URL: desk.url }), sweep({ NODE_ENV: 'production' })])
  const sums = { breached: 0, warned: 0 }
  for (const { code, out, err } of runs) {
    t.match({ code, err }, { code: 0, err: '' })
    const told =
      /^Recorded (\d+) breach(?:es)? and (\d+) warnings?, recomputed the clocks of 0 tickets in \d+\.\d\d s\.\n$/.exec(
        out,
      )
    t.ok(told, out)
    sums.breached += Number(told?.[1])
    sums.warned += Number(told?.[2])
  }
  t.strictSame(sums, { breached: 6, warned: 2 })
  t.equal(await desk.db.$count(slaClocks, isNotNull(slaClocks.breachedAt)), 6)
})

t.test('clocks that an edit had yet to reach are recomputed, and counted', async (t) => {
  await makeDue(1)
  await desk.db.execute(
    sql`UPDATE sla_policies SET resolution_seconds = resolution_seconds + 3600, changed_at = now()`,
  )
  const told = await runSweep(desk.url)
  t.match(told, /^Recorded 0 breaches and 0 warnings, recomputed the clocks of 1 ticket in \d+\.\d\d s\.$/)
})

t.test('a database that is away, or lets nobody in, is one sentence and exit code 1', async (t) => {
  const away = await sweep({ DATABASE_URL: 'postgres://x:y@127.0.0.1:1/servicedesk' })
  t.match(away, { code: 1, out: '', err: /^The database at 127\.0\.0\.1:1 cannot be used: [^\n]+\n$/ })
  const missing = new URL(desk.url)
  missing.pathname = '/no_such_database'
  await t.rejects(runSweep(missing.href), {
    name: 'UserError',
    message: /^The database at .* cannot be used: [^\n]*"no_such_database"[^\n]*$/,
  })
})
