import t from 'tap'
import { closingLine, tapReport } from '../../src/test-run/tap-report.ts'

const tap = `TAP version 14
1..4
# Subtest: a.test.ts
    # Subtest: holds
        ok 1 - an assertion
        not ok 2 - the reason
          ---
          stack: here
          ...
    not ok 1 - holds # time=3ms
      ---
      source: |
        ok 1 - not a test
      ...
    ok 2 - works \\# SKIP is only its name # time=1ms
    ok 3 - later # SKIP no need
    ok 4 - some day # TODO
    1..4
not ok 1 - a.test.ts # time=5ms
  ---
  exitCode: 1
  ...
# Subtest: b.test.ts
    ok 1 - fine
    1..1
ok 2 - b.test.ts # time=1250ms
# Subtest: crashed.test.ts
    1..0
not ok 3 - crashed.test.ts
ok 4 - whole-file.test.ts # SKIP no server
`

function report() {
  const printed: string[] = []
  const { line, counts } = tapReport((text) => printed.push(text))
  for (const text of tap.split('\n')) line(text)
  return { printed, counts }
}

t.test('tests are counted, not files and not assertions', async (t) => {
  t.strictSame(report().counts, { passed: 2, failed: 2, skipped: 3 })
})

t.test('each file has its line, and a failed one its reasons', async (t) => {
  const { printed } = report()
  t.strictSame(
    printed.filter((line) => /^\S/.test(line)),
    [
      'FAIL  a.test.ts  (1 passed, 1 failed, 2 skipped, 0.0 s)',
      'ok  b.test.ts  (1 passed, 0 failed, 1.3 s)',
      'FAIL  crashed.test.ts  (0 passed, 1 failed)',
      'ok  whole-file.test.ts  (0 passed, 0 failed, 1 skipped)',
    ],
  )
  t.match(printed.join('\n'), /the reason\n +---\n +stack: here/)
  t.match(printed.join('\n'), /exitCode: 1/)
  t.notMatch(printed.join('\n'), /an assertion|fine/)
})

t.test('the closing line says no more than it must', async (t) => {
  t.equal(closingLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed')
  t.equal(closingLine({ passed: 3, failed: 1, skipped: 2 }), '3 passed, 1 failed, 2 skipped')
})
