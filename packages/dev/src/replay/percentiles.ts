/** The values that 50, 95 and 99 % do not exceed (nearest rank: always a value that occurred); null of none. */
export function percentiles(values: readonly number[]): { p50: number; p95: number; p99: number } | null {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (percent: number) => sorted[Math.ceil((percent / 100) * sorted.length) - 1]
  const [p50, p95, p99] = [at(50), at(95), at(99)]
  return p50 === undefined || p95 === undefined || p99 === undefined ? null : { p50, p95, p99 }
}
