/**
 * Runs `ask`, for at most so many milliseconds. While an answer is still out, no second question is put: a store that
 * hangs must not collect one for every scrape.
 * @returns what tells whether the answer came in time and was none of failure
 */
export function withinTime(patienceMs: number, ask: () => Promise<unknown>): () => Promise<boolean> {
  let asked: Promise<boolean> | undefined
  return async () => {
    asked ??= ask()
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        asked = undefined
      })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(resolve, patienceMs, false)
    })
    try {
      return await Promise.race([asked, late])
    } finally {
      clearTimeout(timer)
    }
  }
}
