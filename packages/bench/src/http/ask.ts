/**
 * Asks once and reads the answer as JSON.
 * @throws Error unless it is a success
 */
export async function ask<Body>(method: string, url: string, token: string, body?: object): Promise<Body> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Body
}

/** Milliseconds of so many requests, one after the other, sorted; answers are read to their end. */
export async function times(url: string, token: string, many: number): Promise<number[]> {
  const all: number[] = []
  for (let n = 0; n < many; n++) {
    const started = performance.now()
    await ask('GET', url, token)
    all.push(performance.now() - started)
  }
  return all.sort((a, b) => a - b)
}
