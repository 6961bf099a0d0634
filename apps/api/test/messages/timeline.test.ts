import { createTestClock, createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { PNG } from '../helpers/pictures.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf } from '../helpers/rows.ts'
import { makeTicket, type Send, sender } from '../helpers/send.ts'

interface Entry {
  id: string | number
  type: string
  message?: string
  description?: string
  timestamp: string
  [member: string]: unknown
}

const clock = createTestClock()
const desk = await createTestDesk(t, { clock })
const own = sender(desk, await desk.person('Normal User', { name: 'Nora Quist' }))
const agent = await desk.person('Technical User', { name: 'Ada Byrne' })
const staff = sender(desk, agent)
const ticket = await makeTicket(own)
const say = async (by: Send, message: string, more = {}) => {
  clock.advance(1_000)
  return (await by('POST', '/messages', { ticket_id: ticket.id, message, ...more })).json()
}
const upload = async (by: Send, name: string, content: string | Buffer, fields = {}) => {
  clock.advance(1_000)
  const { payload, headers } = await form({ ticket_id: `${ticket.id}`, ...fields }, [{ name, content }])
  return (await by('POST', '/files/upload', payload, headers)).json()
}
await say(own, 'It jams')
const picture = await upload(own, 'jam.png', PNG)
const note = await say(staff, 'A known fault of this model', { is_internal: true })
await upload(staff, 'secret.log', 'x'.repeat(2_048), { message_id: String(note.id) })
clock.advance(1_000)
await staff('PATCH', `/tickets/${ticket.id}`, { status: 'In Progress' })
await say(staff, 'We are on it')
await upload(staff, 'manual.txt', 'Read me')

const timeline = async (by: Send, query = ''): Promise<Entry[]> =>
  (await by('GET', `/messages/ticket/${ticket.ticket_id}/timeline${query}`)).json()
const textsOf = (entries: Entry[]) => entries.map((each) => each.message ?? `(${each.description})`)

t.test('messages and uploads, oldest first; what is internal is for staff', async (t) => {
  const open = ['It jams', `Uploaded file: jam.png (${PNG.length} B)`]
  const internal = ['A known fault of this model', 'Uploaded file: secret.log (2.0 KB)']
  const end = ['We are on it', 'Uploaded file: manual.txt (7 B)']
  t.same(textsOf(await timeline(own)), [...open, ...end])
  const all = await timeline(staff)
  t.same(textsOf(all), [...open, ...internal, ...end])
  t.ok(all.every((entry) => entry.type === 'message'))
  t.same(
    all.map((entry) => entry.is_internal),
    [false, false, true, true, false, false],
  )
  t.same(
    all.map((entry) => entry.timestamp),
    all.map((entry) => entry.timestamp).toSorted(),
  )
  const upload = all[1]
  t.match(upload, {
    sender_name: 'Nora Quist',
    file_info: {
      id: picture.id,
      filename: 'jam.png',
      mime_type: 'image/png',
      download_url: picture.download_url,
    },
    image_url: /^http:\/\/desk\.test\/api\/v1\/.*\/jam\.png$/,
  })
  t.notOk('image_url' in (all[5] ?? {}), 'only pictures have one')
})

t.test('with what happened, which never has a message', async (t) => {
  for (const [by, length] of [
    [own, 6],
    [staff, 8],
  ] as const) {
    const entries = await timeline(by, '?include=events')
    t.equal(entries.length, length)
    const events = entries.filter((entry) => entry.type === 'event')
    for (const event of events) {
      t.same(Object.keys(event).sort(), ['description', 'id', 'performed_by_name', 'timestamp', 'type'])
    }
    t.match(events, [
      { description: 'Ticket created', performed_by_name: 'Nora Quist' },
      { description: 'Status changed from New to In Progress', performed_by_name: 'Ada Byrne' },
    ])
    t.same(
      entries.map((entry) => entry.timestamp),
      entries.map((entry) => entry.timestamp).toSorted(),
    )
  }
  isProblem(
    t,
    await own('GET', `/messages/ticket/${ticket.id}/timeline?include=all`),
    400,
    'validation_failed',
  )
})

t.test('comments: the same rows, to the same people', async (t) => {
  const contents = async (by: Send) =>
    (await by('GET', `/tickets/${ticket.id}/comments`))
      .json()
      .map((each: { content: string }) => each.content)
  t.same(await contents(own), ['It jams', 'We are on it'])
  t.same(await contents(staff), ['It jams', 'A known fault of this model', 'We are on it'])
})

t.test('events: gapless for everybody, each in their own numbering', async (t) => {
  for (const [by, count] of [
    [own, 6],
    [staff, 8],
  ] as const) {
    const events = (await by('GET', `/tickets/${ticket.id}/events`)).json()
    const numbers = events.map((each: { seq: number }) => each.seq)
    t.same(
      numbers,
      Array.from({ length: count }, (_, n) => n + 1),
    )
    const rest = (await by('GET', `/tickets/${ticket.id}/events?after_seq=3`)).json()
    t.same(rest, events.slice(3), 'a client that was away gets what it missed')
    t.same((await by('GET', `/tickets/${ticket.id}/events?after_seq=${count}`)).json(), [])
  }
})

t.test('activities say what happened, and their ids do not tell of notes', async (t) => {
  for (const [by, count] of [
    [own, 4],
    [staff, 5],
  ] as const) {
    const activities = (await by('GET', `/tickets/${ticket.id}/activities`)).json()
    t.equal(activities.length, count)
    t.notMatch(JSON.stringify(activities), /It jams|on it/)
    const last = activities.at(-1)
    t.match(last, {
      ticket_id: ticket.id,
      description: 'File uploaded: manual.txt',
      performed_by: agent.id,
      performed_by_name: 'Ada Byrne',
      timestamp: last.created_at,
    })
    const events = (await by('GET', `/tickets/${ticket.id}/events`)).json()
    t.equal(last.id, `${ticket.id}-${events.length}`, 'numbered as the caller sees the log')
    const shown = (await timeline(by, '?include=events')).filter((entry) => entry.type === 'event')
    const ids = activities.map((each: { id: string }) => each.id)
    t.ok(
      shown.every((entry) => ids.includes(entry.id)),
      'the timeline names them alike',
    )
  }
})

t.test('a requester writes nothing internal, and does not reply to what they cannot see', async (t) => {
  const said = await say(own, 'Between us', { is_internal: true })
  t.equal(said.is_internal, false)
  const before = await contentOf(desk)
  for (const [path, body] of [
    ['/messages', { ticket_id: ticket.id, message: 'And?', reply_to: note.id }],
    [`/tickets/${ticket.id}/comments`, { content: 'And?', reply_to: note.id }],
  ] as const) {
    t.match(isProblem(t, await own('POST', path, body), 400).errors, [{ path: 'reply_to' }])
  }
  const parts = await form({ ticket_id: `${ticket.id}`, message_id: `${note.id}` }, [
    { name: 'a.txt', content: 'x' },
  ])
  const hung = await own('POST', '/files/upload', parts.payload, parts.headers)
  t.match(isProblem(t, hung, 400).errors, [{ path: 'message_id' }])
  t.same(await contentOf(desk), before)
})

t.test('only a note replies to a note: another message would tell that there is one', async (t) => {
  const path = '/messages'
  const reply = { ticket_id: ticket.id, message: 'As said', reply_to: note.id }
  t.match(isProblem(t, await staff('POST', path, reply), 400).errors, [{ path: 'reply_to' }])
  const inside = await staff('POST', path, { ...reply, is_internal: true })
  t.match([inside.statusCode, inside.json().reply_to], [201, note.id])
})
