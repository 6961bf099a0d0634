import type { Actor, ListQuery } from '@servicedesk/core'
import { type Figure, rateOverFloor } from '../framework/figure.ts'
import type { DeskContext } from '../framework/measurement.ts'
import { driveInTurns } from '../http/drive.ts'
import { signInRequester } from '../http/requester.ts'
import { agentIds, middleOf } from './places.ts'

/** The share of the floor that the list and a ticket must reach, with the same check of the token. */
const RATIO = 0.6

/**
 * The first page of 25, without filters and with some, against a bare route that sends the same statement. The total is
 * counted every few seconds only, as the product does it.
 */
export async function measureList(context: DeskContext): Promise<Figure[]> {
  const { desk, rounds, progress } = context
  const [agent] = await agentIds(context)
  const staff = { actor: desk.actor, token: desk.token }
  const cases: [string, ListQuery, { actor: Actor; token: string }][] = [
    ['list, first page of 25', {}, staff],
    ['list, open only', { status: ['open'] }, staff],
    ['list, of one agent', { assigned_to: [String(agent)] }, staff],
    ['list, of a category, by due time', { category: ['hardware'], sort: 'due_at' }, staff],
    ['list, what a requester sees', {}, await signInRequester(context)],
  ]
  const figures: Figure[] = []
  for (const [name, query, { actor, token }] of cases) {
    progress(name)
    const statements = await desk.statements((core) => core.tickets.list(actor, { per_page: 25, ...query }))
    const floor = await desk.startFloor([{ method: 'GET', path: '/list', statements }])
    try {
      const asked = { token, url: desk.api.url, paths: [`/tickets?${queryText(query)}`] }
      const bare = { token, url: floor.url, paths: ['/list'] }
      const values = await driveInTurns(rounds, bare, asked)
      figures.push(rateOverFloor(name, values, 'bare route', RATIO))
    } finally {
      await floor.stop()
    }
  }
  return figures
}

/** One ticket with both clocks, of two hundred in turns, against a bare route that sends the statements of one. */
export async function measureGet({ desk, rounds, tickets }: DeskContext): Promise<Figure[]> {
  const ids = Array.from({ length: 200 }, (_, n) => 1_001 + Math.floor((n / 200) * tickets))
  const statements = await desk.statements((core, actor) => core.tickets.get(actor, ids[100] ?? 1_001))
  const floor = await desk.startFloor([{ method: 'GET', path: '/one', statements }])
  try {
    const asked = { token: desk.token, url: desk.api.url, paths: ids.map((id) => `/tickets/${id}`) }
    const values = await driveInTurns(rounds, { token: desk.token, url: floor.url, paths: ['/one'] }, asked)
    return [rateOverFloor('ticket by id, with both clocks', values, 'bare route', RATIO)]
  } finally {
    await floor.stop()
  }
}

/** A page of 25 in the middle of the whole list, by cursor, against the first page. */
export async function measureDeepPage(context: DeskContext): Promise<Figure[]> {
  const { desk, rounds } = context
  const cursor = await middleOf(context)
  const list = { token: desk.token, url: desk.api.url }
  const deep = { ...list, paths: [`/tickets?per_page=25&cursor=${cursor}`] }
  const values = await driveInTurns(rounds, { ...list, paths: ['/tickets?per_page=25'] }, deep)
  return [rateOverFloor('list, a page in the middle by cursor', values, 'first page', 0.9)]
}

function queryText(query: ListQuery): string {
  const parameters = new URLSearchParams({ per_page: '25' })
  for (const [name, value] of Object.entries(query)) parameters.set(name, String(value))
  return parameters.toString()
}
