import { connectClient, createTestDesk, startNode, type TestClient } from '@servicedesk/testing'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { BURST } from '../../src/realtime/rate.ts'
import { openRaw, type RawSocket } from '../helpers/raw-socket.ts'

const faults: string[] = []
const logger = pino({ level: 'warn' }, { write: (line: string) => faults.push(line) })
const notHandled: unknown[] = []
process.on('unhandledRejection', (error) => notHandled.push(error))

const desk = await createTestDesk(t)
const node = await startNode(t, desk, { logger })
const agent = await desk.person('Technical User')
const requester = await desk.person('Normal User')
const stranger = await desk.person('Normal User')
const wanted = { title: 'Screen is black', description: 'It was fine yesterday.' }
const { id } = await node.core.tickets.create(requester, wanted)
type Actor = typeof agent
const tokenOf = (actor: Actor) => node.app.signAccessToken({ userId: actor.id, sessionId: actor.sessionId })
const connect = (t: Test, actor: Actor) => connectClient(t, node.url, tokenOf(actor))

/** A raw connection that has signed in. */
async function signIn(t: Test, actor: Actor): Promise<RawSocket> {
  const raw = await openRaw(t, node.url)
  raw.send(`40${JSON.stringify({ token: tokenOf(actor) })}`)
  await raw.next('42["connected"')
  return raw
}

/** The node has served others all the while, and nothing went wrong in it. */
async function isWell(t: Test, bystander: TestClient): Promise<void> {
  t.strictSame(await bystander.ask('join_ticket', { ticket_id: id }), { ok: true }, 'others are served')
  t.ok(bystander.socket.connected)
  t.strictSame(faults, [], 'no fault was logged')
  t.strictSame(notHandled, [], 'and nothing was left unhandled')
}

const DEEP = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
const REFUSED: [what: string, code: string, name: string, ...payloads: string[]][] = [
  ['an unknown name', 'unknown_event', 'open_the_door', '{}'],
  ...['error', 'connection', 'message', 'packet', 'close'].map((name): [string, string, string, string] => [
    `the reserved name ${name}`,
    'unknown_event',
    name,
    '{}',
  ]),
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''].map(
    (name): [string, string, string, string] => [`the name "${name}"`, 'unknown_event', name, '{}'],
  ),
  ['no payload', 'validation_failed', 'join_ticket'],
  ['null', 'validation_failed', 'join_ticket', 'null'],
  ['two payloads', 'validation_failed', 'join_ticket', `{"ticket_id":${id}}`, '{}'],
  ['a list', 'validation_failed', 'join_ticket', `[${id}]`],
  ['a text', 'validation_failed', 'join_ticket', '"1001"'],
  ['an id that is none', 'validation_failed', 'join_ticket', '{"ticket_id":{"$gt":0}}'],
  ['an id with SQL in it', 'validation_failed', 'join_ticket', '{"ticket_id":"1 OR 1=1"}'],
  ['a negative id', 'validation_failed', 'leave_ticket', '{"ticket_id":-1}'],
  ['an id beyond numbers', 'validation_failed', 'join_ticket', '{"ticket_id":1e300}'],
  ['a fraction of a number', 'validation_failed', 'join_ticket', `{"ticket_id":${id},"after_seq":0.5}`],
  ['a member that is not known', 'validation_failed', 'join_ticket', `{"ticket_id":${id},"as":"admin"}`],
  ['a prototype', 'validation_failed', 'typing_start', `{"ticket_id":${id},"__proto__":{"role":"x"}}`],
  ['a message that is no text', 'validation_failed', 'send_message', `{"ticket_id":${id},"message":7}`],
  ['a message of nothing', 'validation_failed', 'send_message', `{"ticket_id":${id},"message":"  "}`],
  [
    'a flag that is a text',
    'validation_failed',
    'send_message',
    `{"ticket_id":${id},"message":"x","is_internal":"no"}`,
  ],
  ['updates that are a list', 'validation_failed', 'ticket_update', `{"ticket_id":${id},"updates":[]}`],
  [
    'updates of what is not to be updated',
    'validation_failed',
    'ticket_update',
    `{"ticket_id":${id},"updates":{"colour":1}}`,
  ],
  [
    'updates without an end',
    'validation_failed',
    'ticket_update',
    `{"ticket_id":${id},"updates":{"title":${DEEP}}}`,
  ],
  ['a ticket that is not', 'not_found', 'join_ticket', '{"ticket_id":999999999}'],
  ['typing where it has not joined', 'not_joined', 'typing_start', `{"ticket_id":${id}}`],
]

t.test('what is wrong is refused with a code, and the connection stays', async (t) => {
  const bystander = await connect(t, agent)
  // In several connections, because each has an allowance.
  for (let from = 0; from < REFUSED.length; from += 15) {
    const raw = await signIn(t, agent)
    for (const [at, [what, code, name, ...payloads]] of REFUSED.slice(from, from + 15).entries()) {
      raw.send(`42${at}[${[JSON.stringify(name), ...payloads].join()}]`)
      const answer = await raw.next(`43${at}[`)
      t.match(
        JSON.parse(answer.slice(`43${at}`.length)),
        [{ ok: false, error: { code, message: /./ } }],
        what,
      )
    }
    t.notOk(raw.isClosed())
  }
  const raw = await signIn(t, agent)
  raw.send('42["open_the_door"]')
  const told = await raw.next('42["error"')
  t.match(
    JSON.parse(told.slice(2)),
    ['error', { code: 'unknown_event' }],
    'without an acknowledgement it is an event',
  )
  await isWell(t, bystander)
})

t.test("another's ticket is not there, whatever is tried with it", async (t) => {
  const bystander = await connect(t, agent)
  const client = await connect(t, stranger)
  const more = { send_message: { message: 'hello' }, ticket_update: { updates: { title: 'Mine now' } } }
  for (const [event, code] of [
    ['join_ticket', 'not_found'],
    ['send_message', 'not_found'],
    ['ticket_update', 'not_found'],
    ['typing_start', 'not_joined'],
    ['typing_stop', 'not_joined'],
  ] as const) {
    const payload = { ticket_id: id, ...more[event as keyof typeof more] }
    t.match(await client.ask(event, payload), { ok: false, error: { code } }, event)
  }
  await isWell(t, bystander)
})

t.test('bytes where there should be an object', async (t) => {
  const bystander = await connect(t, agent)
  const raw = await signIn(t, agent)
  const bytes = '{"_placeholder":true,"num":0}'
  for (const [at, packet] of [
    `["join_ticket",${bytes}]`,
    `["join_ticket",{"ticket_id":${bytes}}]`,
    `["send_message",{"ticket_id":${id},"message":${bytes}}]`,
    `["ticket_update",{"ticket_id":${id},"updates":${bytes}}]`,
    `[${bytes}]`,
  ].entries()) {
    const isNameless = packet === `[${bytes}]`
    raw.send(`451-${at}${packet}`)
    raw.send(Buffer.from(isNameless ? 'join_ticket' : ''))
    if (isNameless) t.equal(await raw.closed.then(() => 'closed'), 'closed', 'a name that is bytes')
    else t.match(await raw.next(`43${at}[`), /"ok":false.*"validation_failed"/, packet)
  }
  await isWell(t, bystander)
})

t.test('before authentication nothing is answered but the refusal', async (t) => {
  const bystander = await connect(t, agent)
  for (const packet of [
    `42["join_ticket",{"ticket_id":${id}}]`,
    `420["join_ticket",{"ticket_id":${id}}]`,
    '430[]',
    '41',
    '42',
    '4',
    '4x',
    'what',
    '42["x"',
    '42{"a":1}',
    '42[]',
    '42[null]',
    '40{"token":',
    '40[]',
    '40"token"',
  ]) {
    const raw = await openRaw(t, node.url)
    raw.send(packet)
    await raw.closed
    t.notOk(
      raw.received.some((each) => each.startsWith('42') || each.startsWith('43')),
      `${packet}: closed`,
    )
  }
  for (const auth of ['{"token":"x"}', '{"token":{}}', '{"token":null}', '{"token":["a"]}', '']) {
    const raw = await openRaw(t, node.url)
    raw.send(`40${auth}`)
    t.match(await raw.next('44'), /Authentication required/, `40${auth}`)
    // The connection may stay until the handshake's time is up; it is nobody's.
    raw.send(`421["join_ticket",{"ticket_id":${id}}]`)
    await raw.closed
    t.notOk(raw.received.some((each) => each.startsWith('42') || each.startsWith('43')))
  }
  const other = await openRaw(t, node.url)
  other.send(`40/admin,${JSON.stringify({ token: tokenOf(agent) })}`)
  t.match(await other.next('44/admin,'), /Invalid namespace/)
  await isWell(t, bystander)
})

t.test('broken packets close their connection alone', async (t) => {
  const bystander = await connect(t, agent)
  const reserved = [
    'connect',
    'disconnect',
    'disconnecting',
    'connect_error',
    'newListener',
    'removeListener',
  ]
  const attachment = '451-["join_ticket",{"_placeholder":true,"num":9}]'
  for (const packets of [
    ...reserved.map((name) => [`420["${name}",{}]`]),
    ...['42[', '42{}', '42[]', '42[null,{}]', '42["a",', '4999', 'x'].map((packet) => [packet]),
    ...['45', '451-[', `451-${DEEP}`].map((packet) => [packet, '420["x"]']),
    [attachment, Buffer.from('an attachment of another number')],
    [attachment, '420["join_ticket",{}]'],
    ['4599999999-["join_ticket",{"_placeholder":true,"num":1}]', '420["join_ticket",{}]'],
    [Buffer.from('bytes that belong to nothing')],
  ]) {
    const raw = await signIn(t, agent)
    for (const packet of packets) raw.send(packet)
    await raw.closed
    t.notOk(
      raw.received.some((packet) => packet.startsWith('43')),
      `${packets.join(' ').slice(0, 60)}`,
    )
  }
  const twice = await signIn(t, agent)
  twice.send('439999["an answer to nothing"]')
  twice.send('421[1,{}]')
  t.match(await twice.next('431['), /unknown_event/, 'a name that is a number')
  await isWell(t, bystander)
})

t.test('a message of 70 KB closes the connection; one just below does not', async (t) => {
  const bystander = await connect(t, agent)
  const client = await connect(t, agent)
  const long = (length: number) => ({ ticket_id: id, message: 'x'.repeat(length) })
  t.match(await client.ask('send_message', long(60_000)), { ok: false, error: { code: 'validation_failed' } })
  client.socket.emit('send_message', long(70_000))
  await client.next('disconnect')
  const raw = await openRaw(t, node.url)
  raw.send(`40${JSON.stringify({ token: 'x'.repeat(70_000) })}`)
  t.equal(await raw.closed, 1009, 'nor before authentication')
  await isWell(t, bystander)
})

for (const [how, isAsked] of [
  ['with acknowledgements', true],
  ['without', false],
] as const) {
  t.test(`ten thousand requests at once ${how}: few are served, then the connection is closed`, async (t) => {
    const bystander = await connect(t, agent)
    const client = await connect(t, agent)
    let served = 0
    let limited = 0
    for (let n = 0; n < 10_000; n += 1) {
      const payload = { ticket_id: id, message: `flood ${how} ${n}` }
      if (!isAsked) client.socket.emit('send_message', payload)
      else
        client.socket.emit('send_message', payload, (answer: { ok: boolean; error?: { code: string } }) => {
          if (answer.ok) served += 1
          else if (answer.error?.code === 'rate_limited') limited += 1
        })
    }
    const began = Date.now()
    await bystander.ask('request_presence')
    t.ok(Date.now() - began < 2_000, `another was answered after ${Date.now() - began} ms`)
    await client.next('disconnect')
    t.match(await client.next('error', ({ message }) => message.startsWith('Far')), { code: 'rate_limited' })
    const errors = client.received.filter(({ event }) => event === 'error').length
    t.ok(errors < 20, `told ${errors} times`)
    if (isAsked)
      t.ok(limited > 0 && limited <= 500 && served < 2 * BURST, `${served} served, ${limited} refused`)
    const [row] = await desk.db.execute(
      `select count(*)::int as n from messages where body like 'flood ${how} %'`,
    )
    t.ok(Number(row?.n) < 2 * BURST, `${row?.n} were stored`)
    await isWell(t, bystander)
  })
}
