import type { Figure } from '../framework/figure.ts'
import type { DeskContext } from '../framework/measurement.ts'
import { quantile } from '../framework/quantile.ts'
import { repeat } from '../framework/rounds.ts'
import { times } from '../http/ask.ts'

const REQUESTS = 20
const WARM_UP = 3

/** Every route of the contract's chapter on analytics. */
const ROUTES = [
  '/analytics/sla-adherence',
  '/sla/realtime-adherence',
  '/analytics/agent-workload',
  '/analytics/agent-performance',
  '/analytics/ticket-aging',
  '/analytics/sla-violations',
  '/analytics/ticket-status-counts',
  '/analytics/unassigned-tickets',
  '/analytics/volume?bucket=day&tz=Europe/Berlin',
  '/tickets/stats',
  '/agents',
  '/agents/assignable',
] as const

/** How long each figure of supervisors takes when it is asked for again and again, one request at a time: p95 of each round. */
export async function measureAnalytics({ desk, rounds, progress }: DeskContext): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const route of ROUTES) {
    progress(route)
    const url = `${desk.api.url}${route}`
    await times(url, desk.token, WARM_UP)
    figures.push({
      name: `${route.replace(/\?.*/, '')}, p95`,
      unit: 'ms',
      better: 'less',
      rounds: await repeat(rounds, async () => quantile(await times(url, desk.token, REQUESTS), 0.95)),
      targets: [{ of: 'value', is: 100 }],
    })
  }
  return figures
}
