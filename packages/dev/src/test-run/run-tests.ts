import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readTestConfig, repositoryRoot } from '../config.ts'
import { closingLine, countTests } from './count-tests.ts'
import { runStep } from './run-step.ts'
import { clearScratch, makeScratch, sweepScratch } from './scratch.ts'
import { startTestServers } from './test-servers.ts'

/** What must not reach a test: settings of whoever runs it, and stores that hold real data. */
const hidden = [
  'DATABASE_URL',
  'REDIS_URL',
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
 * @returns the exit code
 * @throws the signal's reason when stopped
 */
export async function runTests(files: readonly string[], signal: AbortSignal): Promise<number> {
  await sweepScratch()
  const scratch = makeScratch()
  const failures: string[] = []
  const { redis, environment } = readTestConfig(scratch)
  const env = Object.fromEntries(Object.entries(environment).filter(([name]) => !hidden.includes(name)))
  const step = async (name: string, args: readonly string[], extra: NodeJS.ProcessEnv = {}) => {
    console.log(`\n— ${name}`)
    const code = await runStep(args, repositoryRoot, { ...env, ...extra }, signal)
    if (code !== 0) failures.push(name)
  }
  try {
    await step('Lint', [tool('@biomejs/biome/bin/biome'), 'ci', '.'])
    await step('Type check', [tool('typescript/bin/tsc'), '-p', 'packages/testing/tsconfig.tests.json'])
    const servers = await startTestServers(scratch, redis, signal)
    const results = join(scratch, 'results.tap')
    try {
      const addresses = { TEST_DATABASE_URL: servers.databaseUrl, TEST_REDIS_URL: servers.redisUrl }
      await step('Tests', [tool('tap/dist/esm/run.mjs'), ...tapArguments(results), ...files], addresses)
    } finally {
      await servers.stop()
    }
    const counts = countTests(readFileSync(results, 'utf8'))
    console.log(failures.length > 0 ? `\nFailed: ${failures.join(', ')}` : '\nAll well')
    console.log(closingLine(counts))
    return failures.length > 0 || counts.failed > 0 || counts.passed === 0 ? 1 : 0
  } finally {
    await clearScratch(scratch)
  }
}

/** On a terminal tap's own report; in a log only what failed. */
function tapArguments(results: string): string[] {
  return [
    'run',
    `--output-file=${results}`,
    ...(process.stdout.isTTY ? [] : ['--reporter=terse', '--no-color']),
  ]
}
