import { type Attributes, SpanStatusCode, trace } from '@opentelemetry/api'

/**
 * Runs `work` in a span of its own, a child of whatever runs now; without tracing it only runs it. Of a failure the
 * span tells the kind, never the words, which may name a person.
 */
export function inSpan<R>(name: string, attributes: Attributes, work: () => Promise<R>): Promise<R> {
  return trace.getTracer('servicedesk').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work()
    } catch (error) {
      span.setAttribute('error.type', error instanceof Error ? error.name : typeof error)
      span.setStatus({ code: SpanStatusCode.ERROR })
      throw error
    } finally {
      span.end()
    }
  })
}
