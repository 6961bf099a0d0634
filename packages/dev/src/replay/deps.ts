/** The world outside, as far as tests replace it. */
export interface Deps {
  fetch: typeof fetch
  /** Milliseconds since any fixed instant. */
  now(): number
  wait(ms: number): Promise<void>
}

export const realDeps: Deps = {
  fetch: (...args) => fetch(...args),
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}
