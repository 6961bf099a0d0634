export interface TestCounts {
  passed: number
  failed: number
  skipped: number
}

const none: TestCounts = { passed: 0, failed: 0, skipped: 0 }

/** Indent, "not", and the directive behind the name, in which a # is escaped. */
const testPoint = /^( {4})?(not )?ok\b(?:[^#\\]|\\.)*(# (?:SKIP|TODO)\b)?/i

/**
 * Counts tests in tap's output over many files. Each file is a test point at the margin, and the tests in it are the
 * test points one level (four spaces) in, which come before it; deeper ones are parts of a test. A file that fails though
 * none of its tests did (it crashed, hung or ran nothing) counts as one failed test.
 */
export function countTests(tap: string): TestCounts {
  const total = { ...none }
  let file = { ...none }
  for (const line of tap.split('\n')) {
    const point = testPoint.exec(line)
    if (!point) continue
    const [, inner, not, directive] = point
    const outcome = directive !== undefined ? 'skipped' : not === undefined ? 'passed' : 'failed'
    if (inner !== undefined) {
      file[outcome]++
      continue
    }
    if (outcome !== 'passed' && file[outcome] === 0) file[outcome] = 1
    for (const key of ['passed', 'failed', 'skipped'] as const) total[key] += file[key]
    file = { ...none }
  }
  return total
}

/** The closing line that people and CI read. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
