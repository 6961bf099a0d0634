/**
 * How many letters are missing, too many, other or swapped with their neighbour between two words (optimal string
 * alignment).
 */
export function editDistance(from: string, to: string): number {
  const [a, b] = [[...from], [...to]]
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1]
      const changed = (last[j - 1] ?? 0) + (isSame ? 0 : 1)
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : changed
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, changed, swapped))
    }
    before = last
    last = row
  }
  return last[b.length] ?? 0
}

/** The words in which two different neighbours of this one have changed places. */
export function swapsOf(word: string): string[] {
  const letters = [...word]
  return letters.slice(1).flatMap((letter, n) => {
    const before = letters[n] ?? ''
    if (letter === before) return []
    return [[...letters.slice(0, n), letter, before, ...letters.slice(n + 2)].join('')]
  })
}
