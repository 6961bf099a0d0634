/** What one measurement showed. */
export interface Measured {
  name: string
  perSecond: number
  p50Ms: number
  p95Ms: number
}

/** The value below which a share of the sorted numbers lies; 0 for none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

/** Runs `once` for about `durationMs` with `inFlight` at a time, after a short warm-up. */
export async function measure(
  name: string,
  options: { inFlight: number; durationMs: number },
  once: () => Promise<unknown>,
): Promise<Measured> {
  await round(options.inFlight, options.durationMs / 4, once)
  const started = performance.now()
  const times = await round(options.inFlight, options.durationMs, once)
  const seconds = (performance.now() - started) / 1_000
  times.sort((a, b) => a - b)
  return {
    name,
    perSecond: times.length / seconds,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
  }
}

async function round(inFlight: number, durationMs: number, once: () => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + durationMs
  const lane = async () => {
    while (performance.now() < end) {
      const started = performance.now()
      await once()
      times.push(performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return times
}
