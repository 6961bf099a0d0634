import { context, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import {
  catalogue,
  createDispatcher,
  createQueues,
  createQueueTelemetry,
  relayOnce,
  upsertSchedules,
} from '@servicedesk/jobs'
import { type Teardown, until } from '@servicedesk/testing'
import t from 'tap'
import { createJobsDesk, workerOf } from './helpers/jobs-desk.ts'
import { inRequest, recordSpans } from './helpers/recorded-spans.ts'

let spans: () => ReadableSpan[]
const telemetry = await createQueueTelemetry()
const untraced = await createJobsDesk(t)
const [before] = await untraced.owe(1)

// Of the whole process: with a hook at the top a file has one to itself.
t.before(() => {
  spans = recordSpans(t)
})

const named = (name: string, traceId: string) =>
  until(`span ${name}`, async () =>
    spans().find((span) => span.name === name && span.spanContext().traceId === traceId),
  )
const parentOf = (span: ReadableSpan) => span.parentSpanContext?.spanId

/** A desk whose queues tell of what is added. */
async function tracedDesk(t: Teardown) {
  const desk = await createJobsDesk(t)
  return { ...desk, queues: createQueues(desk.redis, desk.prefix, () => undefined, telemetry) }
}

t.test('where nothing is traced nothing is noted', async (t) => {
  t.equal(before?.traceparent, null)
})

t.test('a row keeps the trace that owes it', async (t) => {
  const desk = await createJobsDesk(t)
  const { traceId, spanId, result: rows } = await inRequest(() => desk.owe(2))
  for (const row of [...rows, ...(await desk.rows())]) t.equal(row.traceparent, `00-${traceId}-${spanId}-01`)
  await desk.owe(1)
  t.equal((await desk.rows()).at(-1)?.traceparent, null, 'outside of any span there is none')
})

t.test('handed over after the commit or by a relay, the handler runs in the trace', async (t) => {
  for (const by of ['commit', 'relay']) {
    const desk = await tracedDesk(t)
    const seen: (string | undefined)[] = []
    await workerOf(
      t,
      desk,
      { 'ticket.assign': async () => void seen.push(trace.getSpan(context.active())?.spanContext().traceId) },
      { telemetry, relayMs: 60_000 },
    )
    const request = await inRequest(() => desk.owe(1))
    if (by === 'relay') await relayOnce(desk.db, desk.queues)
    else {
      const dispatcher = createDispatcher({ ...desk, onError: (error) => t.error(error) })
      dispatcher.dispatch(request.result)
      await dispatcher.close()
    }
    const handler = await named('ticket.assign', request.traceId)
    const run = await named('process assignment', request.traceId)
    const added = await named('addBulk assignment', request.traceId)
    t.equal(parentOf(handler), run.spanContext().spanId, `${by}: the handler's parent is BullMQ's run`)
    t.equal(parentOf(run), request.spanId, `${by}: whose parent is the request`)
    t.equal(parentOf(added), request.spanId, `${by}: handing over is a part of it too`)
    t.match(handler.attributes, {
      'servicedesk.job.attempt': 1,
      'servicedesk.outbox.id': request.result[0]?.id,
    })
    t.strictSame(seen, [request.traceId], 'what the handler owes is of the trace as well')
  }
})

t.test('two requests in one batch stay two traces', async (t) => {
  const desk = await tracedDesk(t)
  await workerOf(t, desk, {}, { telemetry, relayMs: 60_000 })
  const [one, two] = [await inRequest(() => desk.owe(1)), await inRequest(() => desk.owe(1))]
  await relayOnce(desk.db, desk.queues)
  for (const { traceId, spanId } of [one, two]) {
    t.equal(parentOf(await named('process assignment', traceId)), spanId)
  }
  const added = spans().filter(
    (span) => span.name === 'addBulk assignment' && span.attributes['bullmq.job.bulk.count'] === 2,
  )
  t.equal(added.length, 1)
  t.equal(parentOf(added[0]!), undefined, 'the batch is of neither')
})

t.test('of a failure the kind is told, not the words', async (t) => {
  const desk = await tracedDesk(t)
  const [row] = await desk.owe(1)
  await desk.set(row!.id, {
    queue: 'email',
    name: 'email.send',
    payload: { delivery_id: '0198c0de-0000-7000-8000-000000000001' },
    traceparent: '00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01',
  })
  await workerOf(
    t,
    desk,
    {
      'email.send': async () => {
        throw new RangeError('no mailbox for somebody@example.com')
      },
    },
    { telemetry },
  )
  const handler = await named('email.send', 'a'.repeat(32))
  const run = await named('process email', 'a'.repeat(32))
  t.equal(parentOf(run), 'b'.repeat(16))
  t.match(handler, { status: { code: 2 }, attributes: { 'error.type': 'RangeError' } })
  t.ok(run.events.some((event) => event.name === 'job failed'))
  const told = spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))
  t.notMatch(JSON.stringify(told), /mailbox|example\.com/)
})

t.test('a trace that somebody wrote by hand harms nobody', async (t) => {
  const desk = await tracedDesk(t)
  const [row] = await desk.owe(1)
  await desk.set(row!.id, { traceparent: '"}, nonsense' })
  await workerOf(t, desk, {}, { telemetry })
  await until('it to be done', async () => (await desk.row(row!.id)).doneAt)
  t.equal((await desk.row(row!.id)).failedAt, null)
})

t.test('scheduled jobs belong to no trace, whoever makes their schedule', async (t) => {
  const desk = await tracedDesk(t)
  await inRequest(() => upsertSchedules(desk.queues))
  const sweep = (await desk.queues.sla.getJobs()).find(({ name }) => name === 'sla.sweep')
  t.ok(sweep)
  t.notOk(sweep?.opts.telemetry?.metadata)
})

t.test('polling is not told of', async (t) => {
  const desk = await tracedDesk(t)
  await workerOf(t, desk, {}, { telemetry })
  const already = spans().length
  await until('a sweep', async () => spans().length > already)
  const told = new Set(spans().map((span) => span.name.split(' ')[0] ?? ''))
  const expected = [...Object.keys(catalogue), 'POST', 'addBulk', 'process']
  t.strictSame(
    [...told].filter((name) => !expected.includes(name)),
    [],
  )
})
