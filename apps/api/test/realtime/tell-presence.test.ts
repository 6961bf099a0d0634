import { EventEmitter, once } from 'node:events'
import t from 'tap'
import { createAttendance } from '../../src/realtime/attendance.ts'
import type { DeskServer } from '../../src/realtime/desk-socket.ts'
import { createPresenceTeller } from '../../src/realtime/tell-presence.ts'

// The teller's period keeps no process alive, and here nothing else would.
const alive = setInterval(() => undefined, 1_000)
t.teardown(() => clearInterval(alive))

/** A server of as many sockets, of which only what is sent to them is seen. */
function serverOf(sockets: number) {
  const sent: [event: string, payload: unknown][] = []
  const seen = new EventEmitter()
  const emit = (event: string, payload: unknown) => {
    sent.push([event, payload])
    seen.emit(event)
  }
  const local = { emit, to: () => local, except: () => local }
  const namespace = {
    sockets: { size: sockets },
    adapter: { rooms: new Map([['ticket:7', { size: sockets }]]) },
  }
  return { io: { of: () => namespace, local } as unknown as DeskServer, sent, seen }
}
const people = (many: number) =>
  Array.from({ length: many }, (_, at) => ({ id: at + 1, name: `Person ${at + 1}` }))

t.test('when more come than can be told of each, the whole list follows', async (t) => {
  const { io, sent, seen } = serverOf(4_000)
  const attendance = createAttendance()
  const teller = createPresenceTeller(io, attendance)
  t.teardown(() => teller.close())
  for (const person of people(50)) {
    attendance.set('desk', person, 'here', true)
    teller.desk(person, true)
  }
  t.strictSame(
    sent.map(([event]) => event),
    ['presence_update', 'presence_update'],
  )
  await once(seen, 'presence_status')
  const [, list] = sent.at(-1) ?? []
  t.strictSame(list, Object.fromEntries(people(50).map(({ id }) => [id, 'online'])))
  teller.desk({ id: 1, name: 'Person 1' }, false)
  t.match(sent.at(-1), ['presence_update', { user_id: 1, status: 'offline' }], 'and then each again')
})

t.test('many who come to a ticket at once are one list', async (t) => {
  const { io, sent, seen } = serverOf(40)
  const attendance = createAttendance()
  const teller = createPresenceTeller(io, attendance)
  t.teardown(() => teller.close())
  for (const person of people(3).reverse()) {
    attendance.set(7, person, 'here', true)
    teller.ticket(7, person, true)
  }
  await once(seen, 'ticket_viewers')
  t.strictSame(
    sent.map(([event]) => event),
    [...Array.from({ length: 3 }, () => 'user_joined_ticket'), 'ticket_viewers'],
  )
  t.strictSame(sent.at(-1)?.[1], { ticket_id: 'TKT-7', users: people(3) })
})
