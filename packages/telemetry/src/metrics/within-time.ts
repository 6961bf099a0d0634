/**
 * Asks, and waits for at most so many milliseconds. While an answer is still out, no second question is put: a store
 * that hangs must not collect one for every scrape.
 * @returns what asks; its answer is undefined when none came in time, or a failure
 */
export function withinTime<T>(patienceMs: number, ask: () => Promise<T>): () => Promise<T | undefined> {
  let asked: Promise<T | undefined> | undefined
  return async () => {
    asked ??= ask()
      .catch(() => undefined)
      .finally(() => {
        asked = undefined
      })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, patienceMs, undefined)
    })
    try {
      return await Promise.race([asked, late])
    } finally {
      clearTimeout(timer)
    }
  }
}
