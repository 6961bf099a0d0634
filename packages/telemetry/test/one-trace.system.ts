import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '@servicedesk/dev'
import {
  createPerson,
  createTestDatabase,
  startAppProcess,
  TEST_PASSWORD,
  testServers,
  until,
} from '@servicedesk/testing'
import t from 'tap'
import { type CollectedSpan, startCollector } from './helpers/collector.ts'

const SERVER = 2
const CONSUMER = 5
const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const PRIVATE = 'Screen of Mallory stays black'

/** Ends a process gracefully. @returns its exit code */
async function stop(child: ChildProcess): Promise<number | null> {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
  return child.exitCode
}

/** An API and a worker as processes, and a collector that both send to. `api` changes the API's environment. */
async function startSystem(t: Tap, api: Record<string, string> = {}) {
  const collector = await startCollector(t)
  const database = await createTestDatabase()
  t.teardown(() => database.drop())
  const [port, workerPort] = [await freePort(), await freePort()]
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: testServers().redisUrl,
    REDIS_PREFIX: `{trace-${process.pid}-${port}}`,
    JWT_SECRET_KEY: 'a-key-of-the-tracing-test-0123456789',
    DATA_DIR: t.testdir(),
    LOG_LEVEL: 'silent',
    SMTP_URL: 'smtp://127.0.0.1:1',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    // So that whatever arrives was sent by the stop.
    OTEL_BSP_SCHEDULE_DELAY: '600000',
  }
  const worker = await startAppProcess(t, 'worker', { ...env, WORKER_PORT: String(workerPort) })
  const server = await startAppProcess(t, 'api', {
    ...env,
    PORT: String(port),
    METRICS_TOKEN: 'scrape',
    ...api,
  })
  const person = await createPerson(database.db, 'Normal User')
  await createPerson(database.db, 'Technical User')
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    return (await answer.json()) as { id: number; access_token: string }
  }
  const login = { email: person.email, password: TEST_PASSWORD }
  const { access_token: token } = await post('/auth/login?secret_word=xyzzy', login)
  const metricsOf = async (url: string, headers = {}) => (await fetch(`${url}/metrics`, { headers })).text()
  const workerMetrics = () => metricsOf(`http://127.0.0.1:${workerPort}`)
  return {
    collector,
    person,
    token,
    /** Creates a ticket as part of the caller's trace and waits until its job is done and counted. */
    async assignedTicket() {
      const { traceId, spanId } = CALLER
      const headers = { Authorization: `Bearer ${token}`, traceparent: `00-${traceId}-${spanId}-01` }
      await post('/tickets', { title: PRIVATE, description: `${PRIVATE}, and so on` }, headers)
      // Not until it has an agent: the schedule's drain may have given it one.
      await until(
        'its job to be done',
        async () =>
          (
            await database.db
              .$client`SELECT 1 FROM outbox WHERE name = 'ticket.assign' AND done_at IS NOT NULL`
          ).length > 0,
      )
      await until('the worker to count it', async () =>
        /^servicedesk_jobs_total\{job="ticket.assign",outcome="done"\} 1$/m.test(await workerMetrics()),
      )
    },
    workerMetrics,
    apiMetrics: () => metricsOf(`http://127.0.0.1:${port}`, { authorization: 'Bearer scrape' }),
    async stop() {
      return [await stop(server), await stop(worker)]
    },
  }
}

type Tap = Pick<typeof t, 'teardown' | 'testdir'>

/** The only span of that name in the caller's trace. */
function only(spans: readonly CollectedSpan[], name: string): CollectedSpan | undefined {
  const found = spans.filter((span) => span.name === name && span.traceId === CALLER.traceId)
  return found.length === 1 ? found[0] : undefined
}

t.test('one trace from the request through the outbox to the handler', async (t) => {
  const system = await startSystem(t)
  await system.assignedTicket()
  t.match(await system.apiMetrics(), /^servicedesk_dispatch_batch_rows_sum\{by="commit"\} 1$/m)
  t.strictSame(await system.stop(), [0, 0], 'both end well')

  const { spans, bodies } = system.collector
  const request = only(spans, 'POST /api/v1/tickets')
  const run = only(spans, 'process assignment')
  const handler = only(spans, 'ticket.assign')
  t.match(request, { kind: SERVER, service: 'servicedesk-api', parentSpanId: CALLER.spanId })
  t.match(run, { kind: CONSUMER, service: 'servicedesk-worker', parentSpanId: request?.spanId })
  t.match(handler, { service: 'servicedesk-worker', parentSpanId: run?.spanId })
  t.match(only(spans, 'addBulk assignment'), { service: 'servicedesk-api', parentSpanId: request?.spanId })
  t.ok(
    spans.some((span) => span.name === 'POST /api/v1/auth/login'),
    'other requests are told of as well',
  )
  const secrets = [PRIVATE, system.person.email, system.token, TEST_PASSWORD, 'xyzzy']
  for (const secret of secrets) t.notOk(bodies.join().includes(secret), `nothing tells ${secret}`)
})

t.test('and also when the row goes out through the relay of another process', async (t) => {
  const system = await startSystem(t, { REDIS_URL: 'redis://127.0.0.1:1', OTEL_SERVICE_NAME: 'front' })
  await system.assignedTicket()
  const metrics = await system.apiMetrics()
  t.match(metrics, /^servicedesk_dispatch_failures_total\{by="commit"\} 1$/m, 'the API could not')
  t.match(metrics, /^servicedesk_dependency_up\{dependency="redis"\} 0$/m)
  t.match(await system.workerMetrics(), /^servicedesk_dispatch_batch_rows_count\{by="relay"\} [1-9]/m)
  await system.stop()

  const { spans } = system.collector
  const request = only(spans, 'POST /api/v1/tickets')
  const run = only(spans, 'process assignment')
  t.match(request, { service: 'front', parentSpanId: CALLER.spanId })
  t.match(run, { service: 'servicedesk-worker', parentSpanId: request?.spanId })
  t.match(only(spans, 'ticket.assign'), { parentSpanId: run?.spanId })
})
