/** A share as a percentage with one decimal; null where there is nothing to have a share of. */
export function percentage(part: number, whole: number): number | null {
  return whole === 0 ? null : rounded((100 * part) / whole, 1)
}

/** Rounded to so many decimals. */
export function rounded(value: number, decimals: number): number {
  const factor = 10 ** decimals
  return Math.round(value * factor) / factor
}

/** Milliseconds as hours with two decimals. */
export function hours(ms: number): number {
  return rounded(ms / 3_600_000, 2)
}
