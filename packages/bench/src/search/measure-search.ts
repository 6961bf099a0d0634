import type { Figure } from '../framework/figure.ts'
import type { DeskContext } from '../framework/measurement.ts'
import { quantile } from '../framework/quantile.ts'
import { repeat } from '../framework/rounds.ts'
import { times } from '../http/ask.ts'
import { signInRequester } from '../http/requester.ts'

const REQUESTS = 20
const WARM_UP = 3

/** Words of the sample, by how many tickets have them; the loader gives each ticket an asset's number of its own. */
const SEARCHES: readonly (readonly [string, string])[] = [
  ['a word of every third ticket', 'please'],
  ['two common words', 'please thanks'],
  ['a word of few', 'duplex'],
  ['the beginning of words', 'prin'],
  ['a word of one ticket', 'LT-00000042'],
  ['a common word, open only', 'please&status=open'],
  ['a word with a typo', 'prnter'],
  ['a word of none', 'zzyzxqwv'],
  ['a common word, of a category', 'please&category=hardware'],
]

/** How long a search takes, with its total, one request at a time: p95 of each round. */
export async function measureSearch(context: DeskContext): Promise<Figure[]> {
  const { desk, rounds, progress } = context
  const figures: Figure[] = []
  const requester = await signInRequester(context)
  const cases = [
    ...SEARCHES.map(([name, q]) => ({ name, q, token: desk.token })),
    { name: 'a common word, as a requester', q: 'please', token: requester.token },
  ]
  for (const { name, q, token } of cases) {
    progress(`search, ${name}`)
    const url = `${desk.api.url}/tickets?per_page=25&q=${q.replaceAll(' ', '+')}`
    await times(url, token, WARM_UP)
    figures.push({
      name: `search, ${name}, p95`,
      unit: 'ms',
      better: 'less',
      rounds: await repeat(rounds, async () => quantile(await times(url, token, REQUESTS), 0.95)),
      targets: [{ of: 'value', is: 100 }],
    })
  }
  return figures
}
