/**
 * Waits until `check` answers something other than undefined, false or null, asking again every few
 * milliseconds. For effects of other processes that send no event; everything else has one.
 * @throws Error that says what it waited for, after `timeoutMs`
 */
export async function until<R>(
  what: string,
  check: () => Promise<R | undefined | false | null>,
  timeoutMs = 20_000,
): Promise<R> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const answer = await check()
    if (answer !== undefined && answer !== false && answer !== null) return answer
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
