import t from 'tap'
import { MEASUREMENTS } from '../src/measurements.ts'
import { readOptions } from '../src/options.ts'

t.test('everything at three scales, three times, from the sample in the repository', async (t) => {
  t.match(readOptions([]), {
    only: MEASUREMENTS,
    scales: [10_000, 100_000, 1_000_000],
    rounds: 3,
    json: false,
  })
  t.match(readOptions([]).file, /samples\/tickets\.csv$/)
})

t.test('what is asked for', async (t) => {
  const options = readOptions([
    '--only',
    'relay',
    '--only',
    'list',
    '--scale',
    '1M,1k,2500,1k',
    '--rounds',
    '1',
    '--json',
  ])
  t.match(options, { only: ['list', 'relay'], scales: [1_000, 2_500, 1_000_000], rounds: 1, json: true })
})

t.test('what cannot be done is said in a sentence', async (t) => {
  const refusals: [string[], RegExp][] = [
    [['--only', 'nothing'], /--only nothing: there are list, /],
    [['--scale', '10x'], /--scale 10x/],
    [['--scale', ''], /--scale/],
    [['--scale', '10'], /from 1000/],
    [['--rounds', '0'], /--rounds 0/],
    [['--rounds', '1.5'], /--rounds 1\.5/],
    [['--clocks', '5'], /clocks/],
    [['/no/such/file.csv'], /is not there/],
    [['a.csv', 'b.csv'], /one file/],
  ]
  for (const [words, message] of refusals) t.throws(() => readOptions(words), { message }, words.join(' '))
})
