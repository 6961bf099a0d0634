/**
 * Shares the categories among teams so that each gets about as many of the rows: the busiest category first, each to
 * the team that has the fewest rows so far.
 * @param names every category of the desk
 * @param used the category of each row; undefined where the server's default counts
 * @returns the categories of each team; every category has one
 */
export function shareCategories(
  names: readonly string[],
  used: readonly (string | undefined)[],
  teams: number,
): string[][] {
  const rowsOf = new Map<string, number>()
  for (const name of used) if (name !== undefined) rowsOf.set(name, (rowsOf.get(name) ?? 0) + 1)
  const busiest = names.toSorted((a, b) => (rowsOf.get(b) ?? 0) - (rowsOf.get(a) ?? 0))
  const shares = Array.from({ length: teams }, () => ({ rows: 0, categories: [] as string[] }))
  for (const name of busiest) {
    const [idlest] = shares.toSorted((a, b) => a.rows - b.rows || a.categories.length - b.categories.length)
    idlest?.categories.push(name)
    if (idlest) idlest.rows += rowsOf.get(name) ?? 0
  }
  return shares.map(({ categories }) => categories)
}
