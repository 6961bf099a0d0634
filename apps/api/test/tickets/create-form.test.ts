import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { type FilePart, form } from '../helpers/form.ts'
import { PNG } from '../helpers/pictures.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { A_TICKET, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const send = sender(desk, await desk.person('Normal User'))
const post = async (files: FilePart[], fields: Record<string, string> = A_TICKET) => {
  const { payload, headers } = await form(fields, files)
  return send('POST', '/tickets', payload, headers)
}
const NOTE = { name: 'note.txt', content: 'It began on Monday.' }

t.test('a form with files: one ticket, its files, its events, a job for the picture', async (t) => {
  const answer = await post(
    [
      { ...NOTE, field: 'attachment' },
      { field: 'anything', name: 'screen.png', type: 'image/png', content: PNG },
    ],
    { ...A_TICKET, priority: 'high', category: 'network' },
  )
  t.equal(answer.statusCode, 201)
  const ticket = answer.json()
  t.match(ticket, { ...A_TICKET, priority: 'High', category: 'Network', version: 1 })
  const files = (await send('GET', `/files/ticket/${ticket.id}`)).json()
  t.same(files.map((file: { filename: string }) => file.filename).sort(), ['note.txt', 'screen.png'])
  const events = (await send('GET', `/tickets/${ticket.id}/events`)).json()
  t.match(events, [
    { seq: 1, type: 'ticket_created' },
    { seq: 2, type: 'file_uploaded', data: { filename: 'note.txt' } },
    { seq: 3, type: 'file_uploaded', data: { filename: 'screen.png' } },
  ])
  t.same((await desk.owed()).map((row) => row.name).sort(), ['thumbnail.make', 'ticket.assign'])
  t.equal(storedFiles(desk).length, 2)
})

t.test('a form without files, and with the empty part of an unused file input', async (t) => {
  t.equal((await post([])).statusCode, 201)
  const boundary = 'b'
  const part = (name: string, value: string, more = '') =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`
  const fields = Object.entries(A_TICKET).map(([name, value]) => part(name, value))
  const unused = part('file', '', '; filename=""\r\nContent-Type: application/octet-stream')
  const answer = await send('POST', '/tickets', `${fields.join('')}${unused}--${boundary}--\r\n`, {
    'content-type': `multipart/form-data; boundary=${boundary}`,
  })
  t.equal(answer.statusCode, 201)
  t.same((await send('GET', `/files/ticket/${answer.json().id}`)).json(), [])
})

t.test('a file that is refused takes ticket and other files with it', async (t) => {
  const before = [await contentOf(desk), storedFiles(desk)]
  const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(9_000)])
  for (const [status, code, bad] of [
    [415, 'file_unsupported_type', { name: 'setup.exe', content: program }],
    [415, 'file_type_mismatch', { name: 'screen.png', content: program }],
    [415, 'file_type_mismatch', { ...NOTE, type: 'image/png' }],
    [400, 'file_empty', { name: 'empty.txt', content: '' }],
    [413, 'file_too_large', { name: 'big.py', content: Buffer.alloc(5 * 1024 ** 2 + 1, 'x') }],
  ] as const) {
    isProblem(t, await post([NOTE, bad]), status, code, `${bad.name} second`)
    isProblem(t, await post([bad, NOTE]), status, code, `${bad.name} first`)
  }
  const eleven = Array.from({ length: 11 }, () => NOTE)
  isProblem(t, await post(eleven), 413, 'too_many_files')
  t.equal((await post(eleven.slice(1))).statusCode, 201, 'ten are allowed')
  const [row] = await desk.db.$client`SELECT count(*)::int AS n FROM tickets`
  t.equal(row?.n, 4, 'and nothing else was created')
  t.equal(storedFiles(desk).length, (before[1] as string[]).length + 10)
})

t.test('forms that are broken leave nothing', async (t) => {
  const before = [await contentOf(desk), storedFiles(desk)]
  const { payload, headers } = await form(A_TICKET, [NOTE])
  const type = headers['content-type']
  for (const [what, body, contentType, statuses] of [
    ['cut in a file', payload.subarray(0, -60), type, [400]],
    ['cut before the last boundary', payload.subarray(0, -6), type, [400]],
    ['cut in a field', payload.subarray(0, 90), type, [400]],
    ['another boundary', payload, 'multipart/form-data; boundary=other', [400]],
    ['no boundary', payload, 'multipart/form-data', [400, 415]],
    ['no parts', Buffer.from('--b--\r\n'), 'multipart/form-data; boundary=b', [400]],
    ['nothing', Buffer.alloc(0), 'multipart/form-data; boundary=b', [400]],
    ['not a form', Buffer.from('{}'), 'multipart/mixed; boundary=b', [400, 415]],
  ] as const) {
    isProblem(
      t,
      await send('POST', '/tickets', body, { 'content-type': contentType }),
      statuses,
      undefined,
      what,
    )
  }
  isProblem(t, await post([], { ...A_TICKET, no_such: 'a' }), 400, 'validation_failed')
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`field${n}`, 'x']))
  isProblem(t, await post([NOTE], { ...A_TICKET, ...many }), 413, 'too_many_fields')
  isProblem(t, await post([NOTE], { ...A_TICKET, description: 'x'.repeat(100_001) }), 413, 'field_too_large')
  t.same([await contentOf(desk), storedFiles(desk)], before)
})
