import { createTestDesk, until } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { A_TICKET, makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const requester = await desk.person('Normal User')
const [own, staff] = [sender(desk, requester), sender(desk, await desk.person('Technical User'))]
const { id: target } = await makeTicket(own)
const NOTE = { name: 'note.txt', content: 'It began on Monday.' }
const formOf = async (fields: Record<string, string>, content = NOTE.content) =>
  form(fields, [{ ...NOTE, content }])
const ticketForm = await formOf(A_TICKET)
const upload = await formOf({ ticket_id: `${target}` })

/** Every creating POST of this area: what it adds a row to, and another request under the same key. */
const ROUTES = [
  ['/tickets', 'tickets', A_TICKET, { ...A_TICKET, priority: 'High' }],
  ['/tickets', 'tickets', ticketForm, await formOf(A_TICKET, 'It began on Tuesday.')],
  [`/tickets/${target}/comments`, 'messages', { content: 'Hello' }, { content: 'Hello!' }],
  ['/messages', 'messages', { ticket_id: target, message: 'Hello' }, { ticket_id: target, message: 'Hi' }],
  ['/files/upload', 'attachments', upload, await formOf({ ticket_id: `${target}` }, 'Another text.')],
  ['/upload/image', 'attachments', upload, await formOf({ ticket_id: `${target}` }, 'Another text.')],
] as const

const post = (path: string, body: object, key: string, send = own) =>
  'payload' in body
    ? send('POST', path, (body as typeof upload).payload, {
        ...upload.headers,
        ...(body as typeof upload).headers,
        'idempotency-key': key,
      })
    : send('POST', path, body, { 'idempotency-key': key })
const countOf = async (table: string) => {
  const [row] = await desk.db.$client`SELECT count(*)::int AS n FROM ${desk.db.$client(table)}`
  return row?.n as number
}

for (const [n, [path, table, body, other]] of ROUTES.entries()) {
  t.test(`POST ${path} (${'payload' in body ? 'form' : 'JSON'})`, async (t) => {
    const key = `key-${n}`
    const first = await post(path, body, key)
    t.equal(first.statusCode, 201, first.body)
    const before = [await contentOf(desk), storedFiles(desk)]

    const again = await post(path, body, key)
    t.equal(again.statusCode, 201)
    t.same(again.json(), first.json(), 'the same answer')
    for (const name of ['location', 'etag']) t.equal(again.headers[name], first.headers[name], name)
    t.equal(again.headers['idempotency-replayed'], 'true')
    t.equal(first.headers['idempotency-replayed'], undefined)
    isProblem(t, await post(path, other, key), 422, 'idempotency_key_reused', 'another body')
    t.same([await contentOf(desk), storedFiles(desk)], before, 'one row, and no bytes left behind')

    const rows = await countOf(table)
    t.equal((await post(path, body, `${key}-other`)).statusCode, 201)
    t.equal((await post(path, body, key, staff)).statusCode, 201, 'a key is per person')
    t.equal(await countOf(table), rows + 2)
  })
}

t.test('many at once: one row, and the same answer for all who get one', async (t) => {
  for (const [path, table, body] of ROUTES) {
    const rows = await countOf(table)
    const key = `race-${path}-${'payload' in body}`
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(path, body, key)))
    for (const answer of answers) {
      if (answer.statusCode !== 201) isProblem(t, answer, 409, 'idempotency_key_in_flight')
    }
    const bodies = new Set(answers.filter((each) => each.statusCode === 201).map((each) => each.body))
    t.equal(bodies.size, 1, path)
    t.equal(await countOf(table), rows + 1)
  }
})

t.test('409 while the first is in flight', async (t) => {
  const admin = desk.db.$client
  let first: ReturnType<typeof post> | undefined
  await admin.begin(async (tx) => {
    await tx`LOCK TABLE tickets IN EXCLUSIVE MODE`
    first = post('/tickets', A_TICKET, 'slow')
    await until('the first waits for the table', async () => {
      const [row] = await admin`SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted
        AND relation = 'tickets'::regclass AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
      return row?.n > 0
    })
    isProblem(t, await post('/tickets', A_TICKET, 'slow'), 409, 'idempotency_key_in_flight')
  })
  const made = await first
  t.equal(made?.statusCode, 201)
  t.same((await post('/tickets', A_TICKET, 'slow')).json(), made?.json())
})

t.test('a request that was refused leaves its key free', async (t) => {
  const before = await contentOf(desk)
  isProblem(t, await post('/tickets', { ...A_TICKET, created_by: requester.id + 1 }, 'free'), 403)
  isProblem(t, await post('/tickets', { ...A_TICKET, priority: 'Urgent' }, 'free'), 400)
  isProblem(t, await post('/messages', { ticket_id: 999_999, message: 'Hello' }, 'free'), 404)
  t.same(await contentOf(desk), before)
  t.equal((await post('/tickets', A_TICKET, 'free')).statusCode, 201)
})

t.test('after a day a key means nothing any more', async (t) => {
  const first = await post('/tickets', A_TICKET, 'old')
  const age = (hours: number) =>
    desk.db
      .$client`UPDATE idempotency_keys SET created_at = now() - make_interval(hours => ${hours}) WHERE key = 'old'`
  await age(23)
  t.equal((await post('/tickets', A_TICKET, 'old')).json().id, first.json().id)
  await age(25)
  const later = await post('/tickets', { ...A_TICKET, title: 'Another' }, 'old')
  t.equal(later.statusCode, 201)
  t.not(later.json().id, first.json().id)
})

t.test('keys that are none are refused', async (t) => {
  const before = await contentOf(desk)
  for (const key of ['', 'two words', 'x'.repeat(201), 'ümlaut']) {
    const { errors } = isProblem(
      t,
      await post('/tickets', A_TICKET, key),
      400,
      'validation_failed',
      key.slice(0, 20),
    )
    t.match(errors, [{ path: 'Idempotency-Key' }])
  }
  t.same(await contentOf(desk), before)
})
