import { join } from 'node:path'
import type { Actor } from '@servicedesk/core'
import { type Database, schema } from '@servicedesk/db'
import { repositoryRoot } from '@servicedesk/dev'
import { createTestDatabase } from '@servicedesk/testing'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { createBenchCore } from '../../src/desk.ts'
import { loadDesk } from '../../src/load/load-desk.ts'

const TICKETS = 1_000_000
/** Pages of 8 kB that one statement may look at, again and again: some 100 ms when all are in memory. */
const MOST_PAGES = 120_000
/** Of a span of time in another order, which no index has: all of the span is looked at, or all that is outside of it. */
const MOST_PAGES_OF_A_SPAN = 1_000_000
/** Tables that grow with the desk. */
const LARGE = ['tickets', 'sla_clocks', 'ticket_search', 'messages']

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Shared Hit Blocks'?: number
  'Shared Read Blocks'?: number
  Plans?: PlanNode[]
}

const plans: PlanNode[] = []
const { url, drop } = await createTestDatabase(1)
/** PostgreSQL itself tells the plan of every statement that runs, as it was run. */
const connect = (settings: Record<string, string> = {}) =>
  postgres(url, {
    max: 2,
    fetch_types: false,
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    onnotice: ({ message }) => {
      const json = /plan:\s*(\{.*\})/s.exec(message ?? '')?.[1]
      if (json !== undefined) plans.push((JSON.parse(json) as { Plan: PlanNode }).Plan)
    },
    connection: {
      TimeZone: 'UTC',
      client_min_messages: 'log',
      session_preload_libraries: 'auto_explain',
      'auto_explain.log_min_duration': '0',
      'auto_explain.log_analyze': 'on',
      'auto_explain.log_buffers': 'on',
      'auto_explain.log_timing': 'off',
      'auto_explain.log_format': 'json',
      ...settings,
    } as Record<string, string>,
  })
const client = connect()
/** Statements that are prepared get the plan that they have after some runs: one for every value. */
const generic = connect({ plan_cache_mode: 'force_generic_plan' })
const coreOn = (sql: typeof client) => createBenchCore(drizzle(sql, { schema }) as Database)
t.teardown(async () => {
  await Promise.all([client.end(), generic.end()])
  await drop()
})
await loadDesk(url, {
  tickets: TICKETS,
  file: join(repositoryRoot, 'packages', 'dev', 'samples', 'tickets.csv'),
  logs: false,
})
const core = coreOn(client)

async function actor(role: 'Technical User' | 'Normal User'): Promise<Actor> {
  const [row] = await client`SELECT id, name, email FROM users WHERE role = ${role} ORDER BY id LIMIT 1`
  return { id: row?.id, name: row?.name, email: row?.email, role, sessionId: '' }
}
const [agent, requester] = [await actor('Technical User'), await actor('Normal User')]

const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString()
/** Each filter of the contract, with values that leave many and few. */
const FILTERS: Record<string, unknown>[][] = [
  [{ status: ['Closed'] }, { status: ['Open', 'New'] }],
  [{ priority: ['Critical'] }, { priority: ['Low', 'Medium'] }],
  [{ category: ['Security'] }, { category: ['Hardware', 'Network'] }],
  [{ assigned_to: ['me'] }, { assigned_to: ['none'] }],
  [{ created_by: [String(requester.id)] }],
  [{ team: ['team_1'] }],
  [{ sla: ['violated'] }, { sla: ['at_risk'] }, { sla: ['ok'] }],
  [{ created_after: ago(7) }, { created_before: ago(300) }],
]
const SORTS = ['created_at', 'updated_at', 'priority', 'due_at'].flatMap((sort) => [sort, `-${sort}`])

/** None, one, two and three of the filters; of three only the first values. */
function* combinations(): Generator<Record<string, unknown>> {
  yield {}
  for (const [n, first] of FILTERS.entries()) {
    for (const one of first) {
      yield one
      for (const second of FILTERS.slice(n + 1)) for (const two of second) yield { ...one, ...two }
    }
    for (const [m, second] of FILTERS.entries()) {
      if (m <= n) continue
      for (const third of FILTERS.slice(m + 1)) yield { ...first[0], ...second[0], ...third[0] }
    }
  }
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

function mostPagesOf({ created_after, created_before, sort }: Record<string, unknown>): number {
  const isSpan = created_after !== undefined || created_before !== undefined
  return isSpan && sort !== undefined ? MOST_PAGES_OF_A_SPAN : MOST_PAGES
}

/** What is wrong with how a list is read; `query` is run from its first page on to its second. */
async function faultsOf(who: Actor, query: Record<string, unknown>, asked = core): Promise<string[]> {
  const faults: string[] = []
  let cursor: string | null | undefined
  for (const page of ['first', 'second']) {
    plans.length = 0
    const list = { per_page: 25, ...query, ...(cursor ? { cursor } : {}) }
    cursor = (await asked.tickets.list(who, list)).pagination.next_cursor
    if (plans.length === 0) faults.push('no plan was told')
    for (const plan of plans) {
      for (const node of nodesOf(plan)) {
        const table = node['Relation Name'] ?? ''
        if (node['Node Type'] === 'Seq Scan' && LARGE.includes(table))
          faults.push(`${page} page reads all of ${table}`)
      }
      const pages = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
      if (pages > mostPagesOf(query)) faults.push(`${page} page looks at ${pages} pages of tables`)
    }
    if (!cursor) break
  }
  return faults.map((fault) => `${JSON.stringify(query)}: ${fault}`)
}

t.test('no combination of filters reads a whole table', async (t) => {
  t.ok((await client`SELECT 1 FROM tickets OFFSET ${TICKETS - 1}`).length > 0, 'a million tickets')
  const faults: string[] = []
  let lists = 0
  for (const filter of combinations()) {
    lists += 1
    faults.push(...(await faultsOf(agent, filter)))
  }
  t.strictSame(faults, [], `${lists} lists`)
})

t.test('nor does any order', async (t) => {
  const faults: string[] = []
  for (const sort of SORTS) {
    for (const filter of [{}, ...FILTERS.flat()]) faults.push(...(await faultsOf(agent, { ...filter, sort })))
  }
  t.strictSame(faults, [])
})

t.test('nor do requesters, nor searches', async (t) => {
  const faults: string[] = []
  for (const sort of [undefined, ...SORTS]) faults.push(...(await faultsOf(requester, sort ? { sort } : {})))
  for (const q of [
    'printer',
    'p',
    'pri',
    'zzzz',
    'please thanks',
    'TKT-5000',
    '5000',
    '-please',
    '"kind regards"',
  ]) {
    for (const filter of [{}, { status: ['Open'] }, { assigned_to: ['me'] }, { sort: '-updated_at' }]) {
      faults.push(...(await faultsOf(agent, { q, ...filter })))
    }
    faults.push(...(await faultsOf(requester, { q })))
  }
  t.strictSame(faults, [])
})

t.test('nor does the plan that a prepared statement ends with', async (t) => {
  const prepared = coreOn(generic)
  const faults: string[] = []
  for (const filter of [{}, ...FILTERS.flat()]) {
    for (const sort of [undefined, ...SORTS]) {
      faults.push(...(await faultsOf(agent, sort ? { ...filter, sort } : filter, prepared)))
    }
  }
  for (const sort of [undefined, ...SORTS]) {
    faults.push(...(await faultsOf(requester, sort ? { sort } : {}, prepared)))
  }
  t.strictSame(faults, [])
})

t.test('where an index is missing, it is seen', async (t) => {
  await client`DROP INDEX tickets_created_idx`
  t.match((await faultsOf(agent, {})).join(), /reads all of tickets/)
  await client`DROP INDEX ticket_search_words_idx`
  t.match((await faultsOf(agent, { q: 'duplex' })).join(), /reads all of|looks at/)
})
