/** How spans leave the process; sampling, headers, batches and the rest the SDK reads from OTEL_* itself. */
export interface TracingSettings {
  exporter: 'otlp' | 'console'
  protocol: 'http/protobuf' | 'http/json'
}

/**
 * Reads the standard variables. Tracing is on when an OTLP endpoint or OTEL_TRACES_EXPORTER is set.
 * @param problems gets what cannot work
 * @returns undefined when tracing is off
 */
export function readTracing(env: NodeJS.ProcessEnv, problems: string[]): TracingSettings | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return undefined
  const hasEndpoint = Boolean(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT)
  const exporter = env.OTEL_TRACES_EXPORTER || (hasEndpoint ? 'otlp' : 'none')
  if (exporter === 'none') return undefined
  if (exporter !== 'otlp' && exporter !== 'console') {
    problems.push(`OTEL_TRACES_EXPORTER must be otlp, console or none, not "${exporter}"`)
    return undefined
  }
  const protocol =
    env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf'
  if (protocol !== 'http/protobuf' && protocol !== 'http/json') {
    problems.push(`OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or http/json, not "${protocol}"`)
    return undefined
  }
  return { exporter, protocol }
}
