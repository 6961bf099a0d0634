import { join } from 'node:path'
import { readTestConfig, repositoryRoot } from '../config.ts'
import { buildTests } from './build-tests.ts'
import { runBundles } from './run-bundles.ts'
import { runStep } from './run-step.ts'
import { clearScratch, makeScratch, sweepScratch } from './scratch.ts'
import { chooseTests, type Suite } from './suites.ts'
import { closingLine, tapReport } from './tap-report.ts'
import { startTestServers } from './test-servers.ts'

/** What must not reach a test: settings of whoever runs it, and stores that hold real data. */
const hidden = [
  'DATABASE_URL',
  'REDIS_URL',
  'REDIS_SENTINELS',
  'REDIS_CLUSTER_NODES',
  'REDIS_PREFIX',
  'SMTP_URL',
  'CLOUDINARY_URL',
  'STORAGE_URL',
  'STORAGE_OLDER_URLS',
  'CLAMD_URL',
  'DATA_DIR',
  'NODE_ENV',
  'PORT',
]

const tool = (...path: string[]) => join(repositoryRoot, 'node_modules', ...path)

/**
 * Lint, type check and tests, all of them even when one fails; prints the counts last. The type check, which is one
 * long computation, runs beside the tests.
 * @param asked files to run instead of the whole suite, by their paths from the root
 * @returns the exit code
 * @throws the signal's reason when stopped; UserError for a file that is none of the suite's
 */
export async function runTests(suite: Suite, asked: readonly string[], signal: AbortSignal): Promise<number> {
  const files = chooseTests(repositoryRoot, suite, asked)
  await sweepScratch()
  const scratch = makeScratch()
  const failures: string[] = []
  let types: Promise<void> | undefined
  const { redis, environment } = readTestConfig(scratch)
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !hidden.includes(name)))
  const options = { cwd: repositoryRoot, env, signal }
  const report = tapReport((line) => console.log(line))
  const check = async (name: string, args: readonly string[]) => {
    const said: string[] = []
    const begun = performance.now()
    const { code } = await runStep(args, { ...options, onLine: (line) => said.push(line) })
    if (code !== 0) failures.push(name)
    console.log(
      `${code === 0 ? 'ok' : 'FAIL'}  ${name}  (${((performance.now() - begun) / 1_000).toFixed(1)} s)`,
    )
    if (code !== 0) for (const line of said) console.log(line)
  }
  try {
    const colours = process.stdout.isTTY ? [] : ['--colors=off']
    if (suite.lints) await check('Lint', [tool('@biomejs/biome/bin/biome'), 'ci', ...colours, '.'])
    types = check('Type check', [tool('typescript/bin/tsc'), '-p', 'packages/testing/tsconfig.tests.json'])
    // Whoever waits for it is told; until then it may fail unheard.
    types.catch(() => undefined)
    const servers = await startTestServers(scratch, redis, signal)
    try {
      const built = await buildTests(repositoryRoot, files, suite)
      const addresses = { TEST_DATABASE_URL: servers.databaseUrl, TEST_REDIS_URL: servers.redisUrl }
      await runBundles(built, suite, report, { ...options, env: { ...env, ...addresses } }, types)
    } finally {
      await servers.stop()
    }
  } finally {
    await Promise.allSettled([types])
    await clearScratch(scratch)
  }
  const { passed, failed } = report.counts
  if (failed > 0) failures.push('Tests')
  console.log(failures.length > 0 ? `\nFailed: ${failures.join(', ')}` : '\nAll well')
  console.log(closingLine(report.counts))
  return failures.length === 0 && passed > 0 ? 0 : 1
}
