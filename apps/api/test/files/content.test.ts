import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { makeTicket, type Send, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const send = sender(desk, await desk.person('Normal User'))
const staff = sender(desk, await desk.person('Technical User'))
const supervisor = sender(desk, await desk.person('Technical Supervisor'))
const ticket = await makeTicket(send)
const CONTENT = '0123456789'
const upload = async (name: string, by: Send = send, fields = {}) => {
  const { payload, headers } = await form({ ticket_id: `${ticket.id}`, ...fields }, [
    { name, content: CONTENT },
  ])
  return (await by('POST', '/files/upload', payload, headers)).json()
}
const download = (id: string, range?: string, by: Send = send) =>
  by('GET', `/files/${id}/download`, undefined, range === undefined ? {} : { range })

t.test('a download: attachment, nosniff, sandboxed', async (t) => {
  const { id } = await upload('page.html')
  const answer = await download(id)
  t.equal(answer.statusCode, 200)
  t.equal(answer.body, CONTENT)
  t.match(answer.headers, {
    'content-type': /^text\/html/,
    'content-length': '10',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
    'content-security-policy': /default-src 'none'; sandbox/,
    'content-disposition': 'attachment; filename="page.html"; filename*=UTF-8\'\'page.html',
  })
  t.not(answer.headers['cross-origin-resource-policy'], 'cross-origin')
  const head = await send('HEAD', `/files/${id}/download`)
  t.match(head, { statusCode: 200, body: '', headers: { 'content-length': '10' } })
  isProblem(t, await sender(desk)('GET', `/files/${id}/download`), 401)
})

t.test('ranges', async (t) => {
  const { id } = await upload('note.txt')
  for (const [range, body, contentRange] of [
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=4-', '456789', 'bytes 4-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=9-9', '9', 'bytes 9-9/10'],
    ['bytes=0-99', CONTENT, 'bytes 0-9/10'],
    ['bytes=-99', CONTENT, 'bytes 0-9/10'],
  ] as const) {
    const answer = await download(id, range)
    t.equal(answer.statusCode, 206, range)
    t.equal(answer.body, body, range)
    t.match(answer.headers, { 'content-range': contentRange, 'content-length': String(body.length) })
  }
  for (const range of ['bytes=10-', 'bytes=-0', `bytes=${'9'.repeat(30)}-`]) {
    const answer = await download(id, range)
    isProblem(t, answer, 416, 'range_not_satisfiable', range)
    t.equal(answer.headers['content-range'], 'bytes */10', 'says how much there is')
    t.equal(answer.headers['content-disposition'], undefined, 'an error is no attachment')
  }
  for (const range of ['bytes=0-1,3-4', 'bytes=5-4', 'bytes=-', 'bytes=a-b', 'lines=1-2', '']) {
    t.match(await download(id, range), { statusCode: 200, body: CONTENT }, range)
  }
})

t.test('the list of a ticket, newest first', async (t) => {
  const file = await upload('last.log')
  const files = (await send('GET', `/files/ticket/${ticket.ticket_id}`)).json()
  const { uploaded_by, preview_url, ...rest } = files[0]
  t.same(rest, file)
  t.match(uploaded_by, { id: Number, name: /Normal User/ })
  t.equal(preview_url, `/api/v1/files/${file.id}/preview`)
  const times = files.map((each: { uploaded_at: string }) => each.uploaded_at)
  t.same(times, times.toSorted().toReversed())
})

t.test('files on internal notes are for staff', async (t) => {
  const said = await staff('POST', '/messages', { ticket_id: ticket.id, message: 'Look', is_internal: true })
  const file = await upload('secret.log', staff, { message_id: `${said.json().id}` })
  t.equal((await download(file.id, undefined, staff)).statusCode, 200)
  for (const path of ['download', 'preview', 'thumbnail']) {
    isProblem(t, await send('GET', `/files/${file.id}/${path}`), 404, 'not_found', path)
  }
  isProblem(t, await send('DELETE', `/files/${file.id}`), 404, 'not_found')
  for (const path of [
    `/files/ticket/${ticket.id}`,
    `/messages/ticket/${ticket.id}/timeline?include=events`,
    `/tickets/${ticket.id}/events`,
    `/tickets/${ticket.id}/activities`,
  ]) {
    t.notMatch((await send('GET', path)).body, /secret/, path)
    t.match((await staff('GET', path)).body, /secret/, path)
  }
})

t.test('until it is ready, a file’s content is not handed out', async (t) => {
  const { id } = await upload('suspect.txt')
  const setStatus = (status: string) =>
    desk.db.$client`UPDATE attachments SET status = ${status} WHERE id = ${id}`
  for (const [status, code, reason] of [
    ['scanning', 409, 'file_scanning'],
    ['infected', 403, 'file_infected'],
    ['failed', 404, 'not_found'],
  ] as const) {
    await setStatus(status)
    for (const path of ['download', 'thumbnail'])
      isProblem(t, await send('GET', `/files/${id}/${path}`), code, reason)
    const [file] = (await send('GET', `/files/ticket/${ticket.id}`))
      .json()
      .filter((each: { id: string }) => each.id === id)
    t.equal(file.status, status, 'metadata shows at once')
  }
})

t.test('deleting: uploader or supervisor; then it is gone, and the log says so', async (t) => {
  const [own, theirs, kept] = [await upload('a.txt'), await upload('b.txt'), await upload('c.txt')]
  const before = await contentOf(desk)
  isProblem(t, await staff('DELETE', `/files/${kept.id}`), 403, 'forbidden')
  isProblem(
    t,
    await sender(desk, await desk.person('Normal User'))('DELETE', `/files/${kept.id}`),
    404,
    'not_found',
  )
  t.same({ ...(await contentOf(desk)), users: 0, sessions: 0 }, { ...before, users: 0, sessions: 0 })
  for (const [by, { id }] of [
    [send, own],
    [supervisor, theirs],
  ] as const) {
    t.match((await by('DELETE', `/files/${id}`)).json(), { message: String })
    for (const [method, path] of [
      ['GET', '/download'],
      ['GET', '/preview'],
      ['GET', '/thumbnail'],
      ['DELETE', ''],
    ] as const) {
      isProblem(t, await by(method, `/files/${id}${path}`), 404, 'not_found')
    }
  }
  const ids = (await send('GET', `/files/ticket/${ticket.id}`)).json().map((each: { id: string }) => each.id)
  t.notOk(ids.includes(own.id) || ids.includes(theirs.id))
  t.ok(ids.includes(kept.id))
  const descriptions = (await send('GET', `/tickets/${ticket.id}/activities`))
    .json()
    .map((each: { description: string }) => each.description)
  t.same(descriptions.slice(-2), ['File deleted: a.txt', 'File deleted: b.txt'])
  t.notMatch((await send('GET', `/messages/ticket/${ticket.id}/timeline`)).body, /a\.txt/)
  t.ok(storedFiles(desk).length >= 2, 'bytes go with the orphan sweep')
})
