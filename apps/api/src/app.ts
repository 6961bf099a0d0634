import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import fastifyCookie from '@fastify/cookie'
import Fastify, { type FastifyBaseLogger, type FastifyHttpOptions, type FastifyInstance } from 'fastify'
import { auditLogRoutes } from './admin/audit-log.routes.ts'
import { deadJobRoutes } from './admin/dead-jobs.routes.ts'
import { emailDeliveryRoutes } from './admin/email-deliveries.routes.ts'
import { pipelineRoutes } from './admin/pipeline.routes.ts'
import { signInRoutes } from './admin/sign-in.routes.ts'
import { agentRoutes } from './agents/agents.routes.ts'
import { alertRoutes } from './alerts/alerts.routes.ts'
import { preferenceRoutes } from './alerts/preferences.routes.ts'
import { collectAliases } from './aliases/aliases.ts'
import { agentFigureRoutes } from './analytics/agents.routes.ts'
import { analyticsRoutes } from './analytics/analytics.routes.ts'
import { slaDashboardRoutes } from './analytics/sla-dashboard.routes.ts'
import { assignmentRoutes } from './assignment/assignment.routes.ts'
import { assignmentSettingsRoutes } from './assignment/assignment-settings.routes.ts'
import { accountRoutes } from './auth/account.routes.ts'
import { authRoutes } from './auth/auth.routes.ts'
import { sessionRoutes } from './auth/session.routes.ts'
import { commentRoutes } from './comments/comments.routes.ts'
import { configRoutes } from './config/config.routes.ts'
import { escalationRoutes } from './escalation/escalation.routes.ts'
import { exportJobRoutes } from './exports/export-jobs.routes.ts'
import { exportRoutes } from './exports/exports.routes.ts'
import { fileRoutes } from './files/files.routes.ts'
import { imageUploadRoutes } from './files/image-upload.routes.ts'
import { previewRoutes } from './files/preview.routes.ts'
import { OneLine } from './logger.ts'
import { messageRoutes } from './messages/messages.routes.ts'
import { notificationRoutes } from './notifications/notifications.routes.ts'
import { authPlugin } from './plugins/auth.ts'
import { bodyParsingPlugin } from './plugins/body-parsing.ts'
import { sendClientError } from './plugins/client-error.ts'
import { deadlinesPlugin } from './plugins/deadlines.ts'
import { errorsPlugin, sendFrameworkError } from './plugins/errors.ts'
import { healthPlugin } from './plugins/health.ts'
import { metricsPlugin } from './plugins/metrics.ts'
import { notFoundPlugin } from './plugins/not-found.ts'
import { openapiPlugin } from './plugins/openapi.ts'
import { queueDashboardPlugin } from './plugins/queue-dashboard.ts'
import { rateLimitPlugin } from './plugins/rate-limit.ts'
import { realtimePlugin } from './plugins/realtime.ts'
import { redocPlugin } from './plugins/redoc.ts'
import { securityPlugin } from './plugins/security.ts'
import { tracingPlugin } from './plugins/tracing.ts'
import { schemaController } from './plugins/validation.ts'
import { requestId } from './shared/request-id.ts'
import { rewriteUrl } from './shared/rewrite-url.ts'
import type { RouteDeps } from './shared/route-deps.ts'
import { ErrorBody } from './shared/schemas.ts'
import { slaRoutes } from './sla/sla.routes.ts'
import { sweepRoutes } from './sla/sweep.routes.ts'
import { ticketChangeRoutes } from './tickets/ticket-changes.routes.ts'
import { ticketRoutes } from './tickets/tickets.routes.ts'
import { watcherRoutes } from './tickets/watchers.routes.ts'
import { userRoutes } from './users/users.routes.ts'
import { workflowRoutes } from './workflow/workflow.routes.ts'
import { workflowConfigRoutes } from './workflow/workflow-config.routes.ts'

const JSON_BODY_LIMIT = 1024 ** 2

/**
 * Builds the API: plugins and routes. It never listens.
 * @param schemas compiles the routes' schemas; apps of one process may share it
 */
export async function buildApp(
  deps: RouteDeps,
  logger?: FastifyBaseLogger,
  schemas = schemaController(),
): Promise<FastifyInstance> {
  const options = {
    bodyLimit: JSON_BODY_LIMIT,
    logController: new OneLine(),
    genReqId: requestId,
    frameworkErrors: (error, request, reply) => sendFrameworkError(error, request, reply),
    clientErrorHandler: sendClientError,
    rewriteUrl,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_000 },
    schemaController: schemas,
    trustProxy: deps.config.trustedProxies.length > 0 ? deps.config.trustedProxies : false,
    // The last resort: 25 MB over the poorest line. Slow bodies are cut off much sooner, see `deadlines.ts`.
    requestTimeout: 3_600_000,
    // Without the shorter checking interval timeouts would be looked at every 30 s only.
    http: { connectionsCheckingInterval: 5_000, headersTimeout: 20_000 },
    forceCloseConnections: 'idle',
  } satisfies FastifyHttpOptions<Server>
  const app = Fastify({ ...options, ...(logger === undefined ? {} : { loggerInstance: logger }) })
  app.addSchema(ErrorBody)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('X-Request-Id', request.id)
  })
  endConnectionsAtClose(app)

  await app.register(tracingPlugin, deps)
  await app.register(errorsPlugin)
  await app.register(deadlinesPlugin, {})
  await app.register(notFoundPlugin)
  await app.register(securityPlugin, deps)
  await app.register(bodyParsingPlugin)
  await app.register(authPlugin, deps)
  await app.register(rateLimitPlugin, deps)
  await app.register(openapiPlugin, deps)
  await app.register(redocPlugin)
  await app.register(metricsPlugin, deps)
  await app.register(healthPlugin, deps)
  const { changes } = deps
  if (changes !== undefined) await app.register(realtimePlugin, { ...deps, changes })

  const features = [
    ['/auth', authRoutes],
    ['/auth', sessionRoutes],
    ['/auth', accountRoutes],
    ['/users', userRoutes],
    ['/config', configRoutes],
    ['/config', assignmentSettingsRoutes],
    ['/agents', agentRoutes],
    ['/config', workflowConfigRoutes],
    ['/tickets', ticketRoutes],
    ['/tickets', escalationRoutes],
    ['/tickets', ticketChangeRoutes],
    ['/tickets', watcherRoutes],
    ['/tickets', workflowRoutes],
    ['/tickets', assignmentRoutes],
    ['/tickets', commentRoutes],
    ['', exportRoutes],
    ['/exports', exportJobRoutes],
    ['/sla', slaRoutes],
    ['/sla', slaDashboardRoutes],
    ['/analytics', analyticsRoutes],
    ['/analytics', agentFigureRoutes],
    ['/messages', messageRoutes],
    ['/files', fileRoutes],
    ['/files', previewRoutes],
    ['', imageUploadRoutes],
    ['/alerts', alertRoutes],
    ['/users', preferenceRoutes],
    ['/notifications', notificationRoutes],
    ['/admin', pipelineRoutes],
    ['/admin', sweepRoutes],
    ['/admin', deadJobRoutes],
    ['/admin', auditLogRoutes],
    ['/admin', emailDeliveryRoutes],
  ] as const
  const addAliases = collectAliases(app, '/api/v1')
  for (const [path, routes] of features) {
    await app.register(async (scope) => routes(scope as never, deps), { prefix: `/api/v1${path}` })
  }
  addAliases()
  // Pages for people, the only ones with cookies.
  await app.register(async (pages) => {
    await pages.register(fastifyCookie)
    await pages.register(async (scope) => signInRoutes(scope, deps), { prefix: '/admin' })
    await pages.register(async (scope) => queueDashboardPlugin(scope, deps))
  })
  return app
}

/**
 * A connection that a client keeps open after the answer to its last request, or opened and said nothing on, would
 * hold up the stop: Node closes neither.
 */
function endConnectionsAtClose(app: FastifyInstance): void {
  const sockets = new Set<Socket>()
  let isClosing = false
  app.server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  app.addHook('preClose', async () => {
    isClosing = true
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  })
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('Connection', 'close')
  })
}
