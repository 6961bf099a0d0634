import { join } from 'node:path'
import { readTestConfig, repositoryRoot } from '../config.ts'
import { type BuiltTests, buildTests } from './build-tests.ts'
import { runStep, type StepOptions } from './run-step.ts'
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
  'DATA_DIR',
  'NODE_ENV',
  'PORT',
]

const tool = (...path: string[]) => join(repositoryRoot, 'node_modules', ...path)

/**
 * Lint, type check and tests, all of them even when one fails; prints the counts last.
 * @param asked files to run instead of the whole suite, by their paths from the root
 * @returns the exit code
 * @throws the signal's reason when stopped; UserError for a file that is none of the suite's
 */
export async function runTests(suite: Suite, asked: readonly string[], signal: AbortSignal): Promise<number> {
  const files = chooseTests(repositoryRoot, suite, asked)
  await sweepScratch()
  const scratch = makeScratch()
  const failures: string[] = []
  const { redis, environment } = readTestConfig(scratch)
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !hidden.includes(name)))
  let built: BuiltTests = new Map()
  const report = tapReport(
    (line) => console.log(line),
    (name) => built.get(name) ?? name,
  )
  const step = async (name: string, args: readonly string[], more: Partial<StepOptions> = {}) => {
    console.log(`\n— ${name}`)
    const code = await runStep(args, { cwd: repositoryRoot, env, signal, ...more })
    if (code !== 0) failures.push(name)
  }
  try {
    const colours = process.stdout.isTTY ? [] : ['--colors=off']
    if (suite.lints) await step('Lint', [tool('@biomejs/biome/bin/biome'), 'ci', ...colours, '.'])
    await step('Type check', [tool('typescript/bin/tsc'), '-p', 'packages/testing/tsconfig.tests.json'])
    const servers = await startTestServers(scratch, redis, signal)
    try {
      const addresses = { TEST_DATABASE_URL: servers.databaseUrl, TEST_REDIS_URL: servers.redisUrl }
      built = await buildTests(repositoryRoot, files, suite)
      const options = ['--reporter=tap', '--no-color', ...suite.tapArguments]
      await step('Tests', [tool('tap/dist/esm/run.mjs'), 'run', ...options, ...built.keys()], {
        env: { ...env, ...addresses },
        onLine: report.line,
      })
    } finally {
      await servers.stop()
    }
  } finally {
    await clearScratch(scratch)
  }
  const { passed, failed } = report.counts
  console.log(failures.length > 0 ? `\nFailed: ${failures.join(', ')}` : '\nAll well')
  console.log(closingLine(report.counts))
  return failures.length === 0 && failed === 0 && passed > 0 ? 0 : 1
}
