/** Lets at most `most` pieces of work run at once; the others wait in the order they came. */
export function createGate(most: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = []
  let running = 0

  return async (work) => {
    if (running === most) await new Promise<void>((enter) => waiting.push(enter))
    else running += 1
    try {
      return await work()
    } finally {
      // The place goes on to the next in line; nobody who comes meanwhile may take it.
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}
