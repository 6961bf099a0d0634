import { createHash } from 'node:crypto'
import jwt from '@fastify/jwt'
import Fastify from 'fastify'
import postgres, { type Sql } from 'postgres'
import type { Captured } from './capture.ts'

// The floor of requests: a bare Fastify with the token's check and the bare driver, which sends the statements that it is
// told and answers their rows. Nothing is validated, serialized by a schema, logged, counted or limited.

export interface FloorRoute {
  method: 'GET' | 'POST'
  path: string
  statements: Captured[]
}

export interface FloorSettings {
  databaseUrl: string
  secret: string
  port: number
  /** What the product sends to look up the session behind a token. */
  session: Captured[]
  routes: FloorRoute[]
}

/** Without values postgres.js would send a simple query, which is planned every time. */
const PREPARED = { prepare: true, simple: false } as postgres.UnsafeQueryOptions

const TRANSACTION = /^\s*(?:begin|commit)\b/i

async function runAll(sql: Pick<Sql, 'unsafe'>, statements: Captured[]): Promise<unknown> {
  let rows: unknown = []
  for (const { text, values } of statements) rows = await sql.unsafe(text, values as never[], PREPARED)
  return rows
}

async function start({ databaseUrl, secret, port, session, routes }: FloorSettings): Promise<void> {
  const sql = postgres(databaseUrl, {
    max: 20,
    fetch_types: false,
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    connection: { TimeZone: 'UTC' },
  })
  const run = async (statements: Captured[]) => {
    const sent = statements.filter(({ text }) => !TRANSACTION.test(text))
    // What the product sends within a transaction, the floor does too: it may be what makes the plan.
    if (sent.length < statements.length) return sql.begin((tx) => runAll(tx, sent))
    return runAll(sql, sent)
  }
  const app = Fastify()
  await app.register(jwt, { secret, verify: { algorithms: ['HS256'], requiredClaims: ['exp'] } })
  // As in the product, a signature is checked once.
  const known = new Set<string>()
  app.addHook('onRequest', async (request) => {
    const token = (request.headers.authorization ?? '').slice('Bearer '.length)
    if (!known.has(token)) app.jwt.verify(token)
    known.add(token)
    await run(session)
  })
  for (const { method, path, statements } of routes) {
    app.route({
      method,
      url: path,
      handler: async (_request, reply) => {
        const rows = await run(statements)
        if (method === 'POST') reply.status(201)
        return { rows }
      },
    })
  }
  await app.listen({ host: '127.0.0.1', port })
  process.once('disconnect', () => void app.close().then(() => sql.end()))
  process.send?.({ ready: createHash('sha256').update(JSON.stringify(routes)).digest('hex') })
}

process.once('message', (settings: FloorSettings) => void start(settings))
