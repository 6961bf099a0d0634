import autocannon from 'autocannon'
import { inTurns } from '../framework/rounds.ts'
import { ask } from './ask.ts'

/** One request, or several that are made in turns. */
export interface Drive {
  url: string
  token: string
  /** Below `url`, with its query. */
  paths: readonly string[]
  method?: 'GET' | 'POST'
  body?: object
}

export interface Driven {
  perSecond: number
  p50Ms: number
  p99Ms: number
}

/** As many at a time as a busy desk has. */
const CONNECTIONS = 16

/**
 * Asks as fast as answers come for so many seconds, each connection one request after the other.
 * @throws Error for any answer that is no success, any error and any timeout: such a figure would not count
 */
export async function drive(asked: Drive, seconds: number): Promise<Driven> {
  const { method = 'GET', body } = asked
  // Once by itself, so that a refusal says why.
  await ask(method, `${asked.url}${asked.paths[0]}`, asked.token, body)
  const origin = new URL(asked.url)
  const result = await autocannon({
    url: origin.origin,
    connections: CONNECTIONS,
    duration: seconds,
    headers: {
      authorization: `Bearer ${asked.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    requests: asked.paths.map((path) => ({
      method,
      path: `${origin.pathname.replace(/\/$/, '')}${path}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })),
  })
  const { errors, timeouts, non2xx, mismatches } = result
  if (errors + timeouts + non2xx + mismatches > 0 || result['2xx'] === 0) {
    const counts = JSON.stringify({ errors, timeouts, non2xx, answers: result['2xx'] })
    throw new Error(`${method} ${asked.paths[0]} did not always succeed: ${counts}`)
  }
  return {
    perSecond: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  }
}

export const MEASURED_SECONDS = 2
export const WARM_UP_SECONDS = 1

/** Answers a second of floor and product in turns, after a warm-up of both. */
export async function driveInTurns(rounds: number, floor: Drive, product: Drive) {
  await drive(floor, WARM_UP_SECONDS)
  await drive(product, WARM_UP_SECONDS)
  const rate = (asked: Drive) => async () => (await drive(asked, MEASURED_SECONDS)).perSecond
  return inTurns(rounds, rate(floor), rate(product))
}
