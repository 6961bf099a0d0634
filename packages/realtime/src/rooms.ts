/** Everybody who may see a ticket. */
export const ticketRoom = (ticketId: number) => `ticket:${ticketId}`

/** All devices of one user. */
export const userRoom = (userId: number) => `user:${userId}`

/** Everybody who works for the desk. */
export const STAFF_ROOM = 'staff'
