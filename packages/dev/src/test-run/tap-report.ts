export interface TestCounts {
  passed: number
  failed: number
  skipped: number
}

const outcomes = ['passed', 'failed', 'skipped'] as const

/** Indent (none or four), "not", the name in which a # is escaped, and the directive behind it. */
const testPoint = /^( {4})?(not )?ok\b(?: \d+)?(?: - )?((?:[^#\\]|\\.)*)(# (?:SKIP|TODO)\b)?/i
const duration = /# time=([\d.]+)ms$/
/** Assertions that hold, plans and times: of no interest in a file that failed. */
const noise = /^ *(?:ok\b.*|\d+\.\.\d+.*|# time=.*|)$/

/**
 * Reads tap's output over many files line by line, prints one line for each and everything about each that failed, and
 * counts the tests.
 *
 * A file is a test point at the margin, and the tests in it are the test points one level in, which come before it;
 * deeper ones are parts of a test. A file that fails though none of its tests did (it crashed, hung or ran nothing)
 * counts as one failed test.
 * @param sourceOf the name to show for a file that was run
 */
export function tapReport(
  print: (line: string) => void,
  sourceOf: (file: string) => string = (file) => file,
): { line(text: string): void; counts: TestCounts } {
  const counts: TestCounts = { passed: 0, failed: 0, skipped: 0 }
  let file: TestCounts = { passed: 0, failed: 0, skipped: 0 }
  let body: string[] = []
  let explaining = false

  const endFile = (name: string, outcome: keyof TestCounts, ms: string | undefined) => {
    if (outcome !== 'passed' && file[outcome] === 0) file[outcome] = 1
    for (const key of outcomes) counts[key] += file[key]
    explaining = file.failed > 0
    print(
      `${explaining ? 'FAIL' : 'ok'}  ${sourceOf(name.trim())}  (${closingLine(file)}${ms === undefined ? '' : `, ${(Number(ms) / 1_000).toFixed(1)} s`})`,
    )
    if (explaining)
      for (const text of body.filter((line) => line.startsWith(' ') && !noise.test(line))) print(text)
    body = []
    file = { passed: 0, failed: 0, skipped: 0 }
  }

  const line = (text: string) => {
    if (text.startsWith('#')) explaining = false
    const [point, inner, not, name = '', directive] = testPoint.exec(text) ?? []
    const outcome = directive !== undefined ? 'skipped' : not === undefined ? 'passed' : 'failed'
    if (point !== undefined && inner === undefined) {
      endFile(name, outcome, duration.exec(text)?.[1])
    } else {
      if (point !== undefined) file[outcome]++
      // Below a failed file's own line tap says how its process ended.
      if (explaining) print(text)
      else body.push(text)
    }
  }
  return { line, counts }
}

/** The closing line that people and CI read. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
