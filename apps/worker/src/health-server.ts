import { createServer, type Server } from 'node:http'
import type { StoreGauges } from '@servicedesk/telemetry'
import { collectDefaultMetrics, type Registry } from 'prom-client'

/** `/health` and `/metrics` of a worker process, for probes and scrapers on its own port. */
export function startHealthServer(options: {
  host: string
  port: number
  registry: Registry
  gauges: StoreGauges
}): Promise<Server> {
  const { registry, gauges } = options
  collectDefaultMetrics({ register: registry, prefix: 'servicedesk_worker_' })
  const server = createServer((request, response) => {
    if (request.url === '/health') {
      response.setHeader('Content-Type', 'application/json').end('{"status":"ok"}')
    } else if (request.url === '/metrics') {
      gauges
        .refresh()
        .then(() => registry.metrics())
        .then((body) => response.setHeader('Content-Type', registry.contentType).end(body))
        .catch(() => response.writeHead(500).end())
    } else {
      response.writeHead(404).end()
    }
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => resolve(server))
  })
}
