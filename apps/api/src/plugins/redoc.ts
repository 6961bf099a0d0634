import { createReadStream } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

const SCRIPT = new URL('../../vendor/redoc/redoc.standalone.js', import.meta.url)

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ServiceDesk API</title>
<style>body { margin: 0; }</style>
</head>
<body>
<redoc spec-url="/api/openapi.json" hide-hostname></redoc>
<script src="/redoc/redoc.js"></script>
</body>
</html>`

/** Nothing comes from elsewhere; the search index is made by a worker that the script itself writes. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The reference of the API at /redoc, from its own OpenAPI document and a script that is kept here. */
export const redocPlugin = fp(async (app: FastifyInstance) => {
  const options = { config: { access: 'public' as const }, schema: { hide: true } }
  app.get('/redoc', options, async (_request, reply) =>
    reply.header('Content-Security-Policy', POLICY).type('text/html; charset=utf-8').send(PAGE),
  )
  app.get('/redoc/redoc.js', options, async (_request, reply) =>
    reply
      .header('Cache-Control', 'public, max-age=86400')
      .type('text/javascript; charset=utf-8')
      .send(createReadStream(SCRIPT)),
  )
})
