import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { repositoryRoot } from '@servicedesk/dev'
import t from 'tap'

/** Runs the harness as people do. */
function faults(args: readonly string[]): Promise<{ code: number; result: unknown; words: string }> {
  const file = join(repositoryRoot, 'packages', 'dev', 'bootstrap.mjs')
  return new Promise((resolve) => {
    execFile(process.execPath, [file, 'faults', '--json', ...args], (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code ?? 1)
      resolve({ code, result: code > 1 ? undefined : JSON.parse(stdout), words: stderr })
    })
  })
}

t.test('twenty faults: nothing is lost, nothing is done twice', { timeout: 900_000 }, async (t) => {
  const { code, result, words } = await faults(['--kills', '20', '--seed', '7'])
  t.match(result, { faults: 20, lost: 0, doubled: 0 }, words)
  const { findings } = result as { findings: { check: string; counted: number }[] }
  for (const { check, counted } of findings) t.ok(counted > 0, check)
  t.equal(code, 0)
})

t.test(
  'a harness that cannot fail proves nothing: without the outbox it reports the loss',
  { timeout: 900_000 },
  async (t) => {
    const { code, result, words } = await faults(['--kills', '3', '--seed', '1', '--control', 'no-outbox'])
    const [{ lost }] = result as [{ lost: number }]
    t.ok(lost > 0, `${lost} lost\n${words}`)
    t.equal(code, 0, 'found out')
  },
)
