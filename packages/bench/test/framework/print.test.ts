import t from 'tap'
import { growthChart } from '../../src/framework/chart.ts'
import type { Result } from '../../src/framework/figure.ts'
import { numberText, scaleName, tableMarkdown, tableText } from '../../src/framework/print.ts'

const list: Result = {
  measurement: 'list',
  scale: 10_000,
  name: 'list <first>',
  unit: '/s',
  better: 'more',
  rounds: [1_234, 1_200, 1_300],
  floor: { name: 'bare | route', rounds: [2_000, 2_000, 2_000] },
  targets: [
    { of: 'ratio', is: 0.6 },
    { of: 'value', is: 5_000 },
  ],
}

t.test('numbers keep three digits that count', async (t) => {
  t.strictSame([0, 0.1234, 5.678, 64.44, 1_234_567].map(numberText), [
    '0',
    '0.123',
    '5.68',
    '64.4',
    '1,234,567',
  ])
  t.strictSame([null, 10_000, 1_000_000, 1_500_000, 12_345].map(scaleName), [
    '',
    '10k',
    '1M',
    '1500k',
    '12345',
  ])
})

t.test('a figure says what it is, what its floor is, and what was asked', async (t) => {
  const [, line] = tableText([list])
  t.match(
    line,
    /^list <first> {3}10k\s+1,234\/s \(1,200–1,300\)\s+2,000\/s bare \| route\s+0\.62 \(0\.60–0\.65\)/,
  )
  t.match(line, /≥ ratio 0\.6 met, ≥ 5,000\/s MISSED$/)
  t.match(tableMarkdown([list])[2], /2,000\/s bare \\\| route/, 'in Markdown a bar ends no cell')
})

t.test('the chart has a line for what was measured at more than one scale', async (t) => {
  const svg = growthChart([
    list,
    { ...list, scale: 1_000_000, rounds: [1_000] },
    { ...list, name: 'once', measurement: 'get' },
  ])
  t.match(svg, /list &lt;first&gt;/)
  t.notMatch(svg, /once|NaN|undefined|Infinity/)
  t.equal(svg.match(/<polyline/g)?.length, 1)
})
