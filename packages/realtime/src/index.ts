export { type BusRedis, type ChangeBus, type Changes, changesKey, createChangeBus } from './change-bus.ts'
export {
  type Acknowledgement,
  type ClientEventName,
  type ClientEvents,
  type ClientToServerEvents,
  checkClientEvent,
  clientEvents,
  isClientEvent,
  type PayloadProblem,
} from './client-events.ts'
export type { ServerEvent, ServerEventName, ServerEvents, ServerToClientEvents } from './events.ts'
export type { LeaseListener } from './lease-follower.ts'
export { createLeases, type Leases, type LeaseTimes, leasesKey } from './leases.ts'
export { STAFF_ROOM, ticketRoom, userRoom } from './rooms.ts'
