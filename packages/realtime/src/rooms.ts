/** Everybody who may see a ticket. */
export const ticketRoom = (ticketId: number) => `ticket:${ticketId}`

/** The staff among them, who also get internal notes. */
export const ticketStaffRoom = (ticketId: number) => `ticket:${ticketId}:staff`

/** All devices of one user. */
export const userRoom = (userId: number) => `user:${userId}`

/** Everybody who works for the desk. */
export const STAFF_ROOM = 'staff'
