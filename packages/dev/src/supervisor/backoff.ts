/** How long to wait before each new try: doubling from 250 ms to 5 s. */
export function backoff(firstMs = 250, mostMs = 5_000) {
  let next = firstMs
  return {
    /** Milliseconds to wait now. */
    next(): number {
      const wait = next
      next = Math.min(next * 2, mostMs)
      return wait
    },
    /** It has worked long enough: begin with short waits again. */
    reset(): void {
      next = firstMs
    },
  }
}
