import { inParallel } from '../in-parallel.ts'
import type { BuiltTests } from './build-tests.ts'
import { runStep, type StepOptions } from './run-step.ts'
import type { Suite } from './suites.ts'
import type { tapReport } from './tap-report.ts'

/**
 * Runs built tests, each bundle as a process of its own and a few side by side, without tap's runner: the hooks that it
 * loads into every process (for TypeScript, mocks and coverage) take longer than most bundles' tests, which need none.
 * @param before what else needs the machine now: it counts as one of the processes until it is done
 * @throws the signal's reason when stopped; what else ended badly is in the report
 */
export async function runBundles(
  built: BuiltTests,
  { jobs, limitSeconds }: Pick<Suite, 'jobs' | 'limitSeconds'>,
  report: ReturnType<typeof tapReport>,
  options: Pick<StepOptions, 'cwd' | 'env' | 'signal'>,
  before: Promise<void>,
): Promise<void> {
  const env = { ...options.env, TAP_TIMEOUT: String(limitSeconds) }
  const run = async ([file, name]: readonly [string, string]) => {
    const process = report.process(name)
    const begun = performance.now()
    const end = await runStep(['--enable-source-maps', file], {
      ...options,
      env,
      limitMs: limitSeconds * 1_000,
      onLine: process.line,
    })
    process.end(end, (performance.now() - begun) / 1_000)
  }
  const tasks = [() => before, ...[...built].map((each) => () => run(each))]
  await inParallel(tasks, jobs, (task) => task())
}
