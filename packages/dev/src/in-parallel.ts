/**
 * Does work on every item in order, on at most `width` of them at once.
 * @returns the results in the order of the items
 * @throws the first error, once what was under way has ended; nothing new is begun after it
 */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length)
  const queue = items.entries()
  let failed = false
  async function lane() {
    // The lanes share one iterator, so each item is taken once.
    for (const [index, item] of queue) {
      if (failed) return
      try {
        results[index] = await work(item, index)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: width }, lane))
  for (const each of lanes) if (each.status === 'rejected') throw each.reason
  return results
}
