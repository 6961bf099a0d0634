import { context, propagation, trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import type { Teardown } from '@servicedesk/testing'

/** Switches tracing on for this test file. @returns the spans that have ended, in order */
export function recordSpans(t: Teardown): () => ReadableSpan[] {
  const exporter = new InMemorySpanExporter()
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  provider.register()
  t.teardown(async () => {
    await provider.shutdown()
    trace.disable()
    context.disable()
    propagation.disable()
  })
  return () => exporter.getFinishedSpans()
}

/** Runs `work` as a request would, in a span of its own. @returns the span's ids and what work returned */
export async function inRequest<R>(work: () => Promise<R>) {
  return trace.getTracer('test').startActiveSpan('POST /tickets', async (span) => {
    const result = await work()
    span.end()
    return { ...span.spanContext(), result }
  })
}
