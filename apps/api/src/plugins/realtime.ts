import { isStaff } from '@servicedesk/core'
import { createRedis } from '@servicedesk/jobs'
import { type ChangeBus, createLeases, leasesKey, STAFF_ROOM, userRoom } from '@servicedesk/realtime'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Server } from 'socket.io'
import { createStreamsAdapter } from '../realtime/adapter.ts'
import { createAlertDelivery } from '../realtime/alert-delivery.ts'
import { authenticate } from '../realtime/authenticate.ts'
import { watchBacklog } from '../realtime/backlog.ts'
import { type DeskServer, type DeskSocket, isoNow } from '../realtime/desk-socket.ts'
import { createExportDelivery } from '../realtime/export-delivery.ts'
import { leaveTicket, requestHandlers } from '../realtime/handlers.ts'
import { createLostConnections, RECOVERABLE_MS } from '../realtime/lost-connections.ts'
import { createPresence } from '../realtime/presence.ts'
import { takeRequests } from '../realtime/requests.ts'
import { createSessionWatch } from '../realtime/sessions.ts'
import { createStaffCopies } from '../realtime/staff-copies.ts'
import { takeUp } from '../realtime/take-up.ts'
import { createTicketFeeds } from '../realtime/ticket-feeds.ts'
import { createTyping } from '../realtime/typing.ts'
import { watchTruth } from '../realtime/watch-truth.ts'
import { isKnownOrigin } from '../shared/origins.ts'
import type { RouteDeps } from '../shared/route-deps.ts'

declare module 'fastify' {
  interface FastifyInstance {
    io: DeskServer
  }
}

/** Of one message, in either direction's worst case: clients' are cut off beyond it. */
const MESSAGE_LIMIT = 64 * 1024
/** A handshake that is not finished by then is dropped. */
const CONNECT_TIMEOUT_MS = 10_000
/** Why a socket closes that nobody expects back in a moment: the client said so, or the server. */
const ON_PURPOSE = new Set(['client namespace disconnect', 'server namespace disconnect'])

/** Socket.IO on the API's port: any number of nodes, tied by Redis and held to PostgreSQL. */
export const realtimePlugin = fp(async (app: FastifyInstance, deps: RouteDeps & { changes: ChangeBus }) => {
  const { config, core, changes } = deps
  const onFault = (err: unknown) => app.log.warn({ err }, 'realtime')
  const onRedisError = (err: unknown) => app.log.debug({ err }, 'redis')
  const redis = createRedis(config.redis, onRedisError)
  const reader = createRedis(config.redis, onRedisError)
  const leaseReader = createRedis(config.redis, onRedisError)

  const lost = createLostConnections({
    redis,
    prefix: config.redisPrefix,
    placesOf: (id) => feeds.placesOf(id),
    onError: onRedisError,
  })
  const io: DeskServer = new Server(app.server, {
    path: '/socket.io',
    serveClient: false,
    maxHttpBufferSize: MESSAGE_LIMIT,
    connectTimeout: CONNECT_TIMEOUT_MS,
    cors: { origin: (origin, allow) => allow(null, isKnownOrigin(config, origin)), credentials: true },
    // Who may connect is asked again.
    connectionStateRecovery: { maxDisconnectionDuration: RECOVERABLE_MS, skipMiddlewares: false },
    adapter: createStreamsAdapter(redis, config.redisPrefix, onRedisError, lost),
  })
  app.decorate('io', io)

  const { feed } = core
  const sessions = createSessionWatch(io, feed)
  const times = deps.realtimeTimes
  const leases = createLeases({
    redis,
    key: leasesKey(config.redisPrefix),
    onError: onRedisError,
    times: times?.leases,
  })
  const presence = createPresence({ io, leases, graceMs: times?.graceMs })
  const typing = createTyping({ io, leases, typingMs: times?.typingMs })
  leases.listen(leaseReader, { changed: presence.changed, said: typing.said })
  const feeds = createTicketFeeds({
    feed,
    onFault,
    onLost: (socket, ticketId) => leaveTicket(parts, socket, ticketId),
  })
  const parts = { feeds, presence, typing }
  const copies = createStaffCopies({ io, feed, sessions, onFault })
  const alerts = createAlertDelivery({ io, feed, sessions, onFault })
  const exports = createExportDelivery({ io, feed, sessions, onFault })
  const truth = watchTruth({ io, feed, sessions, presence, changes, onFault, feeds, copies, alerts, exports })
  changes.listen(reader, truth.hear)

  const authorize = async (socket: DeskSocket) => {
    socket.data.actor = await app.actorOfSession(socket.data.actor)
  }
  const handlers = requestHandlers({ core, ...parts, authorize })
  io.use(authenticate((token) => app.actorOf(token), onFault))
  io.on('connection', (socket) => {
    const { actor, tickets, resume } = socket.data
    socket.join(userRoom(actor.id))
    if (isStaff(actor.role)) socket.join(STAFF_ROOM)
    watchBacklog(socket, () => socket.conn.close())
    socket.on('disconnect', (reason) => {
      const isFinal = ON_PURPOSE.has(reason)
      for (const ticketId of tickets) leaveTicket(parts, socket, ticketId, isFinal)
      presence.disconnected(socket, isFinal)
    })
    socket.emit('connected', { status: 'Connected', user_id: actor.id, timestamp: isoNow() })
    presence.connected(socket)
    // What it asks waits until it is where it was. Where that fails it has to begin anew, as nothing is kept any more.
    const isReady =
      resume === undefined
        ? Promise.resolve()
        : takeUp({ feed, feeds, presence }, socket, resume).catch((error: unknown) => {
            onFault(error)
            socket.conn.close()
          })
    takeRequests(socket, handlers, onFault, isReady)
  })

  app.addHook('preClose', async () => {
    truth.close()
    copies.close()
    alerts.close()
    exports.close()
    typing.close()
    presence.close()
    // Cut, and not told to go: clients come back by themselves, to another node. The HTTP server is Fastify's to close.
    io.engine.close()
    await lost.settled()
    await io.of('/').adapter.close()
    leaseReader.disconnect()
    await leases.close()
    reader.disconnect()
    redis.disconnect()
  })
})
