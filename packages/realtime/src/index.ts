export type { Emission, Emitter, ServerEventName, ServerEvents } from './events.ts'
export { STAFF_ROOM, ticketRoom, ticketStaffRoom, userRoom } from './rooms.ts'
