import { trace } from '@opentelemetry/api'
import { readTracing, startTracing } from '@servicedesk/telemetry'
import t from 'tap'

const ENDPOINT = 'http://127.0.0.1:4318'

t.test('off unless the standard variables say otherwise', async (t) => {
  const off = [
    {},
    { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT },
    { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT },
    { OTEL_SDK_DISABLED: 'TRUE', OTEL_TRACES_EXPORTER: 'otlp' },
    { OTEL_SERVICE_NAME: 'api', OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  ]
  for (const env of off) {
    const problems: string[] = []
    t.equal(readTracing(env, problems), undefined, JSON.stringify(env))
    t.strictSame(problems, [])
  }
  const otlp = { exporter: 'otlp', protocol: 'http/protobuf' }
  for (const [env, settings] of [
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }, otlp],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ENDPOINT, OTEL_SDK_DISABLED: 'false' }, otlp],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, otlp],
    [
      { OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
      { ...otlp, protocol: 'http/json' },
    ],
    [{ OTEL_TRACES_EXPORTER: 'console' }, { ...otlp, exporter: 'console' }],
  ] as const) {
    t.strictSame(readTracing(env, []), settings, JSON.stringify(env))
  }
})

t.test('what cannot work is a problem of the start', async (t) => {
  const problems: string[] = []
  t.equal(readTracing({ OTEL_TRACES_EXPORTER: 'zipkin' }, problems), undefined)
  t.equal(
    readTracing({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, problems),
    undefined,
  )
  t.match(problems, [/OTEL_TRACES_EXPORTER .*"zipkin"/, /OTEL_EXPORTER_OTLP_PROTOCOL .*"grpc"/])
})

t.test('without settings nothing is started', async (t) => {
  const tracing = await startTracing(undefined, 'test')
  t.notOk(trace.getTracer('test').startSpan('x').isRecording())
  await tracing.stop()
})
