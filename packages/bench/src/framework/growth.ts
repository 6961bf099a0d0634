import { type Result, spreadOf } from './figure.ts'

/** How much slower a list may be at the largest scale than at the smallest. */
const SLOWER = 1.3

/** How much slower each first page of a list is at the largest scale than at the smallest; nothing for one scale. */
export function growthOf(results: readonly Result[]): Result[] {
  const lists = results.filter(({ measurement, scale }) => measurement === 'list' && scale !== null)
  return [...new Set(lists.map(({ name }) => name))].flatMap((name) => {
    const pages = lists
      .filter((each) => each.name === name)
      .toSorted((a, b) => (a.scale ?? 0) - (b.scale ?? 0))
    const [smallest, largest] = [pages[0], pages.at(-1)]
    if (smallest === undefined || largest === undefined || smallest === largest) return []
    return {
      measurement: 'growth',
      name: `${name}: times slower than at the smallest scale`,
      scale: largest.scale,
      unit: '',
      better: 'less' as const,
      rounds: [spreadOf(smallest.rounds).median / spreadOf(largest.rounds).median],
      targets: [{ of: 'value' as const, is: SLOWER }],
    }
  })
}
