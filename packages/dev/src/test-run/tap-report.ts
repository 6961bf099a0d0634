import type { StepEnd } from './run-step.ts'

export interface TestCounts {
  passed: number
  failed: number
  skipped: number
}

/** What a process of tests says, as it says it, and how it ends. */
export interface ProcessReport {
  line(text: string, from: 'stdout' | 'stderr'): void
  /** Prints the process's line, with all that is known when it failed. */
  end(end: StepEnd, seconds: number): void
}

/** At the margin: "not", the name in which a # is escaped, and the directive behind it. */
const testPoint = /^(not )?ok\b(?: \d+)?(?: - )?(?:[^#\\]|\\.)*(# (?:SKIP|TODO)\b)?/i
const plan = /^1\.\.(\d+)/
const subtest = /^# Subtest: /
/** Assertions that hold, plans and times: of no interest in a test that failed. */
const noise = /^ *(?:ok\b.*|\d+\.\.\d+.*|# time=.*|)$/

/**
 * Reads the TAP of processes, each its own, prints one line for each process and everything about each test that
 * failed, and counts the tests.
 *
 * The tests of a process are the test points at the margin; deeper ones are parts of a test. A process that fails
 * though none of its tests did (it crashed, hung, stopped halfway or ran nothing) counts as one failed test.
 */
export function tapReport(print: (line: string) => void): {
  process(name: string): ProcessReport
  counts: TestCounts
} {
  const counts: TestCounts = { passed: 0, failed: 0, skipped: 0 }
  return {
    counts,
    process(name) {
      const tests = readTests()
      const errors: string[] = []
      return {
        line: (text, from) => (from === 'stdout' ? tests.line(text) : errors.push(text)),
        end(end, seconds) {
          const own = { ...tests.counts }
          const problem = problemOf(end, own, tests.planned()) ?? tests.stray()
          if (problem !== undefined && own.failed === 0) own.failed = 1
          const word = own.failed > 0 ? 'FAIL' : 'ok'
          print(`${word}  ${name}  (${closingLine(own)}, ${seconds.toFixed(1)} s)`)
          if (own.failed > 0) for (const text of [...tests.failures(), ...errors]) print(text)
          if (problem !== undefined) print(`  ${problem}`)
          counts.passed += own.passed
          counts.failed += own.failed
          counts.skipped += own.skipped
        },
      }
    },
  }
}

/** What is wrong with how it ended, beyond its failed tests. */
function problemOf(end: StepEnd, { passed, failed, skipped }: TestCounts, planned: number) {
  if (end.isLate) return 'it ran longer than it may, and was killed'
  if (end.signal !== null) return `it was killed by ${end.signal}`
  // tap's code for failed tests.
  if (end.code !== 0 && !(end.code === 1 && failed > 0)) return `it ended with exit code ${end.code}`
  const seen = passed + failed + skipped
  if (seen === 0) return 'it ran no test'
  return planned === seen ? undefined : 'it ended before its tests did'
}

/** Follows one process's TAP. */
function readTests() {
  const counts: TestCounts = { passed: 0, failed: 0, skipped: 0 }
  const shown: string[] = []
  let planned = 0
  let test: string[] = []
  let explaining = false
  let isTest = false
  let stray: string | undefined

  function line(text: string): void {
    isTest ||= subtest.test(text)
    const point = testPoint.exec(text)
    planned = Number(plan.exec(text)?.[1] ?? planned)
    if (point === null) {
      // Below the line of a failed test, indented, tap says why.
      if (explaining && text.startsWith(' ') && !text.startsWith('    #')) shown.push(text)
      else if (!noise.test(text)) test.push(text)
      if (!text.startsWith(' ')) explaining = false
      return
    }
    const [, not, directive] = point
    explaining = directive === undefined && not !== undefined
    counts[directive !== undefined ? 'skipped' : explaining ? 'failed' : 'passed']++
    if (explaining) shown.push(...test, text)
    else if (directive === undefined && !isTest) stray ??= text
    test = []
    isTest = false
  }
  // What came after the last test belongs to one that never ended.
  return {
    line,
    counts,
    planned: () => planned,
    failures: () => [...shown, ...test],
    // It waits until the running test is over, is of none, and tap may end the run before its turn.
    stray: () => stray && `an assertion is outside of every test: ${stray}`,
  }
}

/** The closing line that people and CI read. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
