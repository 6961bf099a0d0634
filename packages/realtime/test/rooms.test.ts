import fc from 'fast-check'
import t from 'tap'
import { STAFF_ROOM, ticketRoom, userRoom } from '../src/rooms.ts'

t.test('no two audiences share a room', async () => {
  const id = fc.integer({ min: 1, max: 1e12 })
  fc.assert(
    fc.property(id, id, (a, b) => {
      const rooms = [ticketRoom(a), userRoom(a), STAFF_ROOM]
      if (a !== b) rooms.push(ticketRoom(b), userRoom(b))
      return new Set(rooms).size === rooms.length
    }),
  )
})
