import type { TracingSettings } from './tracing-settings.ts'

/** A collector that is away must not hold up the end of the process. */
const FLUSH_MS = 2_000

export interface Tracing {
  /** Sends the spans that are still collected, for at most 2 s, and stops. Never throws. */
  stop(): Promise<void>
}

/**
 * Starts OpenTelemetry's SDK for this process; without settings nothing of it is even loaded.
 * @param serviceName when OTEL_SERVICE_NAME says none
 */
export async function startTracing(
  settings: TracingSettings | undefined,
  serviceName: string,
): Promise<Tracing> {
  if (settings === undefined) return { stop: async () => undefined }
  const [{ BatchSpanProcessor, NodeTracerProvider }, { defaultResource, detectResources, ...resources }] =
    await Promise.all([import('@opentelemetry/sdk-trace-node'), import('@opentelemetry/resources')])
  const resource = defaultResource()
    .merge(resources.resourceFromAttributes({ 'service.name': serviceName }))
    .merge(detectResources({ detectors: [resources.envDetector] }))
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(await createExporter(settings))],
  })
  // Sets W3C's propagation and a context that follows promises.
  provider.register()
  return {
    async stop() {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, FLUSH_MS)
      })
      await Promise.race([provider.shutdown().catch(() => undefined), late])
      clearTimeout(timer)
    },
  }
}

async function createExporter({ exporter, protocol }: TracingSettings) {
  if (exporter === 'console') {
    const { ConsoleSpanExporter } = await import('@opentelemetry/sdk-trace-node')
    return new ConsoleSpanExporter()
  }
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto')
  return new OTLPTraceExporter()
}
