/** Does a step of the start, saying when it begins and how long it took; one line each, so that it reads well in a log. */
export async function progress<T>(
  log: (line: string) => void,
  step: string,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now()
  log(`${step}…`)
  const result = await work()
  log(`${step}: ready in ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return result
}
