import { ROOT_CONTEXT } from '@opentelemetry/api'
import type { Telemetry } from 'bullmq'

/** Handing jobs over and running them. The rest (polling, locks, looking for stalled jobs) is BullMQ's housekeeping. */
const WORTH_TELLING = /^(?:addBulk|process) /

/** They repeat what an error or a handler says, which may name a person. */
const UNTOLD = new Set(['bullmq.job.failed.reason', 'bullmq.job.result'])

type Span = ReturnType<Telemetry['tracer']['startSpan']>
type Attributes = Parameters<Span['setAttributes']>[0]

/**
 * BullMQ's spans through bullmq-otel, for the `telemetry` option of queues and workers. Loaded only where tracing is
 * on. Of failures the kind is told, not the words.
 */
export async function createQueueTelemetry(): Promise<Telemetry> {
  const { BullMQOtel } = await import('bullmq-otel')
  const { tracer, contextManager } = new BullMQOtel({ tracerName: 'servicedesk-queues' })
  return {
    tracer: {
      startSpan: (name, options, context) =>
        WORTH_TELLING.test(name) ? discreet(tracer.startSpan(name, options, context)) : UNRECORDED,
    },
    contextManager: {
      with: (context, run) => contextManager.with(context, run),
      active: () => contextManager.active(),
      // Without it BullMQ's endless loops would belong to whichever trace was open when they began.
      root: () => ROOT_CONTEXT,
      getMetadata: (context) => contextManager.getMetadata(context),
      fromMetadata: (active, metadata) => contextManager.fromMetadata(active, metadata),
    },
  }
}

/** A span that keeps quiet about what may be personal. */
function discreet(span: Span): Span {
  return {
    setSpanOnContext: (context) => span.setSpanOnContext(context),
    setAttribute: (key, value) => span.setAttributes(told({ [key]: value })),
    setAttributes: (attributes) => span.setAttributes(told(attributes)),
    addEvent: (name, attributes = {}) => span.addEvent(name, told(attributes)),
    recordException: (exception) =>
      span.recordException({ name: exception instanceof Error ? exception.name : 'Error', message: '' }),
    end: () => span.end(),
  }
}

function told(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !UNTOLD.has(key)))
}

const UNRECORDED: Span = {
  setSpanOnContext: (context) => context,
  setAttribute: () => undefined,
  setAttributes: () => undefined,
  addEvent: () => undefined,
  recordException: () => undefined,
  end: () => undefined,
}
