import t from 'tap'
import { closingLine, tapReport } from '../../src/test-run/tap-report.ts'

const mixed = `TAP version 14
# Subtest: is well
    ok 1 - an assertion
    1..1
ok 1 - is well # time=1ms

# Subtest: holds
    ok 1 - another assertion
said by the test
    # Subtest: the part
        not ok 1 - the reason
          ---
          stack: here
          ...
    not ok 2 - the part
    1..2
not ok 2 - holds # time=3ms
  ---
  source: |
    ok 1 - not a test
  ...

# Subtest: works \\# SKIP is only its name
    1..0
ok 3 - works \\# SKIP is only its name # time=1ms
ok 4 - later # SKIP no need
ok 5 - some day # TODO
1..5
# time=7ms
`
const two = `# Subtest: first
ok 1 - first

# Subtest: second
ok 2 - second
1..2
`
const done = { code: 0, signal: null, isLate: false }

/** What is printed and counted for one process. */
function reportOf(stdout: string, end: object, stderr = '') {
  const printed: string[] = []
  const report = tapReport((text) => printed.push(text))
  const { line, end: close } = report.process('a.test.ts')
  for (const text of stdout.split('\n')) line(text, 'stdout')
  for (const text of stderr.split('\n')) line(text, 'stderr')
  close({ ...done, ...end }, 1.25)
  return { first: printed[0], text: printed.join('\n'), counts: report.counts }
}

t.test('tests are counted, not files and not assertions', async (t) => {
  t.strictSame(reportOf(mixed, { code: 1 }).counts, { passed: 2, failed: 1, skipped: 2 })
})

t.test('a process that ends well has one line', async (t) => {
  const { text } = reportOf(two, {}, 'a warning')
  t.equal(text, 'ok  a.test.ts  (2 passed, 0 failed, 1.3 s)')
})

t.test('a failed test is shown with its reasons, the others are not', async (t) => {
  const { first, text } = reportOf(mixed, { code: 1 }, 'a warning')
  t.equal(first, 'FAIL  a.test.ts  (2 passed, 1 failed, 2 skipped, 1.3 s)')
  t.match(text, /Subtest: holds[\s\S]*said by the test[\s\S]*the reason\n +---\n +stack: here/)
  t.match(text, /not ok 2 - holds.*\n +---\n +source/)
  t.match(text, /\na warning$/)
  t.notMatch(text, /assertion|is well|works|exit code/)
})

t.test('of what ends in the middle, the last words are shown', async (t) => {
  const { text, counts } = reportOf(
    'ok 1 - first\n# Subtest: second\n    # before it ends',
    { code: 7 },
    'oh no',
  )
  t.strictSame(counts, { passed: 1, failed: 1, skipped: 0 })
  t.match(text, /^FAIL[\s\S]*Subtest: second\n +# before it ends[\s\S]*oh no\n {2}it ended with exit code 7$/)
})

t.test('a process fails that ends badly though none of its tests did', async (t) => {
  const cases: [stdout: string, end: object, reason: string, passed: number][] = [
    [two, { code: 1 }, 'it ended with exit code 1', 2],
    [two, { code: null, signal: 'SIGSEGV' }, 'it was killed by SIGSEGV', 2],
    [two, { code: null, signal: 'SIGKILL', isLate: true }, 'it ran longer than it may, and was killed', 2],
    ['', {}, 'it ran no test', 0],
    ['TAP version 14\n1..0 # no tests found', {}, 'it ran no test', 0],
    ['ok 1 - first', {}, 'it ended before its tests did', 1],
    ['ok 1 - first\n1..2', {}, 'it ended before its tests did', 1],
  ]
  for (const [stdout, end, reason, passed] of cases) {
    const { first, text, counts } = reportOf(stdout, end)
    t.match(first, /^FAIL /, reason)
    t.equal(text.split('\n').at(-1), `  ${reason}`)
    t.strictSame(counts, { passed, failed: 1, skipped: 0 }, reason)
  }
})

t.test('processes that run side by side are told apart, and add up', async (t) => {
  const printed: string[] = []
  const report = tapReport((text) => printed.push(text))
  const [a, b] = [report.process('a'), report.process('b')]
  a.line('not ok 1 - of a', 'stdout')
  b.line('  of b', 'stdout')
  b.line('# Subtest: of b', 'stdout')
  b.line('ok 1 - of b', 'stdout')
  for (const each of [b, a]) each.line('1..1', 'stdout')
  b.end(done, 0)
  a.end({ ...done, code: 1 }, 0)
  t.strictSame(printed, [
    'ok  b  (1 passed, 0 failed, 0.0 s)',
    'FAIL  a  (0 passed, 1 failed, 0.0 s)',
    'not ok 1 - of a',
  ])
  t.strictSame(report.counts, { passed: 1, failed: 1, skipped: 0 })
})

t.test('the closing line says no more than it must', async (t) => {
  t.equal(closingLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed')
  t.equal(closingLine({ passed: 3, failed: 1, skipped: 2 }), '3 passed, 1 failed, 2 skipped')
})

t.test('an assertion outside of every test is a fault: a run may end before its turn', async (t) => {
  const stray = two.replace('1..2', 'ok 3 - should be equal\n1..3')
  const { text, counts } = reportOf(stray, {})
  t.equal(counts.failed, 1)
  t.match(text, 'an assertion is outside of every test: ok 3 - should be equal')
  t.equal(reportOf('# Subtest: a\nok 1 - a\nok 2 - later # SKIP\n1..2\n', {}).counts.failed, 0)
})
