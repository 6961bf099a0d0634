import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readTestConfig, repositoryRoot } from '../config.ts'
import { type BuiltTests, buildTests } from './build-tests.ts'
import { runStep, type StepOptions } from './run-step.ts'
import { clearScratch, makeScratch, sweepScratch } from './scratch.ts'
import { closingLine, tapReport } from './tap-report.ts'
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

/** Every test file of the workspace, by its path from the root. */
function findTests(root: string): string[] {
  return ['apps', 'packages'].flatMap((area) =>
    readdirSync(join(root, area)).flatMap((name) => {
      const folder = join(area, name, 'test')
      if (!existsSync(join(root, folder))) return []
      const found = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      return found.filter((file) => file.endsWith('.test.ts')).map((file) => join(folder, file))
    }),
  )
}

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
    await step('Lint', [
      tool('@biomejs/biome/bin/biome'),
      'ci',
      ...(process.stdout.isTTY ? [] : ['--colors=off']),
      '.',
    ])
    await step('Type check', [tool('typescript/bin/tsc'), '-p', 'packages/testing/tsconfig.tests.json'])
    const servers = await startTestServers(scratch, redis, signal)
    try {
      const addresses = { TEST_DATABASE_URL: servers.databaseUrl, TEST_REDIS_URL: servers.redisUrl }
      built = await buildTests(repositoryRoot, files.length > 0 ? files : findTests(repositoryRoot))
      const tap = [tool('tap/dist/esm/run.mjs'), 'run', '--reporter=tap', '--no-color', ...built.keys()]
      await step('Tests', tap, { env: { ...env, ...addresses }, onLine: report.line })
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
