import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { type FilePart, form } from '../helpers/form.ts'
import { PNG } from '../helpers/pictures.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const send = sender(desk, await desk.person('Normal User'))
const ticket = await makeTicket(send)
const other = await makeTicket(send)
const NOTE = { name: 'note.txt', content: 'It began on Monday.' }
const SCREEN = { name: 'screen.png', type: 'image/png', content: PNG }
const upload = async (
  files: FilePart[],
  fields: Record<string, string> = { ticket_id: ticket.ticket_id },
  path = '/files/upload',
) => {
  const { payload, headers } = await form(fields, files)
  return send('POST', path, payload, headers)
}

t.test('one file: what it is, where it is, a job for a picture', async (t) => {
  const note = await upload([NOTE], { ticket_id: String(ticket.id), uploaded_by: '7', user_id: 'x' })
  t.equal(note.statusCode, 201)
  const { id, uploaded_at, ...rest } = note.json()
  t.same(rest, {
    filename: 'note.txt',
    file_size_mb: 0.01,
    mime_type: 'text/plain',
    category: 'documents',
    download_url: `/api/v1/files/${id}/download`,
    status: 'ready',
  })
  t.match(uploaded_at, /Z$/)
  const screen = (await upload([SCREEN])).json()
  t.match(screen, { category: 'images', thumbnail_url: `/api/v1/files/${screen.id}/thumbnail` })
  const jobs = (await desk.owed()).filter((row) => row.name === 'thumbnail.make')
  t.match(jobs, [{ payload: { attachment_id: screen.id } }])
  t.equal(storedFiles(desk).length, 2)
})

t.test('several files under any field names', async (t) => {
  const fields = ['file', 'image', 'attachment', 'document', 'upload', 'photo[]']
  const answer = await upload(fields.map((field, n) => ({ ...NOTE, field, name: `${n}.log` })))
  t.equal(answer.statusCode, 201)
  t.same(
    answer.json().files.map((file: { filename: string }) => file.filename),
    fields.map((_, n) => `${n}.log`),
  )
  t.match(answer.json().files, [{ category: 'logs', status: 'ready' }])
})

t.test('a file on a message, which must be one of the ticket', async (t) => {
  const said = await send('POST', '/messages', { ticket_id: ticket.id, message: 'See the file' })
  const message_id = String(said.json().id)
  const answer = await upload([NOTE], { ticket_id: `${ticket.id}`, message_id })
  t.equal(answer.statusCode, 201)
  const before = [await contentOf(desk), storedFiles(desk)]
  for (const id of ['999999', 'x', '0', '']) {
    const refused = await upload([NOTE], { ticket_id: `${ticket.id}`, message_id: id })
    t.match(isProblem(t, refused, 400, 'validation_failed', id).errors, [{ path: 'message_id' }])
  }
  isProblem(t, await upload([NOTE], { ticket_id: `${other.id}`, message_id }), 400, 'validation_failed')
  t.same([await contentOf(desk), storedFiles(desk)], before)
})

t.test('the older names: the same rules, another answer, documents too', async (t) => {
  for (const path of ['/upload/image', '/files/cloudinary/upload']) {
    const picture = await upload([SCREEN], undefined, path)
    t.equal(picture.statusCode, 201, path)
    const { id, url, ...rest } = picture.json()
    t.same(rest, {
      success: true,
      public_id: id,
      width: 1,
      height: 1,
      file_url: url,
      format: 'png',
      bytes: PNG.length,
    })
    t.match(url, /^http:\/\/desk\.test\/.*\/screen\.png$/, 'absolute, and ends in the name')
    t.equal((await sender(desk)('GET', new URL(url).pathname.slice('/api/v1'.length))).statusCode, 200)
    const document = (await upload([NOTE], undefined, path)).json()
    t.match(document, { success: true, width: null, height: null, format: 'txt' })
    const before = [await contentOf(desk), storedFiles(desk)]
    isProblem(t, await upload([{ name: 'x.svg', content: '<svg/>' }], undefined, path), 415)
    isProblem(t, await upload([], undefined, path), 400, 'validation_failed')
    isProblem(t, await upload([SCREEN], {}, path), 400, 'validation_failed')
    t.same([await contentOf(desk), storedFiles(desk)], before)
  }
})

const program = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(9_000)])
const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
const MB = 1024 ** 2
/** Files that nobody may leave here. */
const REFUSED: [status: number, code: string, file: FilePart][] = [
  [415, 'file_unsupported_type', { name: 'setup.exe', content: program }],
  [415, 'file_unsupported_type', { name: 'picture.svg', content: svg, type: 'image/svg+xml' }],
  [415, 'file_unsupported_type', { name: 'page.html', content: svg }],
  [415, 'file_unsupported_type', { name: 'screen.png.exe', content: PNG }],
  [415, 'file_unsupported_type', { name: 'noextension', content: 'text' }],
  [415, 'file_unsupported_type', { name: '.htaccess', content: 'Deny from all' }],
  [415, 'file_type_mismatch', { name: 'screen.png', content: program, type: 'image/png' }],
  [415, 'file_type_mismatch', { name: 'screen.jpg', content: PNG, type: 'image/jpeg' }],
  [415, 'file_type_mismatch', { name: 'screen.png', content: PNG, type: 'application/pdf' }],
  [415, 'file_type_mismatch', { name: 'note.txt', content: program }],
  [415, 'file_type_mismatch', { name: 'report.pdf', content: 'no pdf at all' }],
  [415, 'file_type_mismatch', { name: 'report.docx', content: 'PK\u0003\u0004 no zip' }],
  [415, 'file_type_mismatch', { ...NOTE, type: 'image/png' }],
  [400, 'file_empty', { name: 'empty.txt', content: '' }],
  [400, 'file_empty', { name: 'empty.png', content: '', type: 'image/png' }],
  [413, 'file_too_large', { name: 'big.py', content: Buffer.alloc(5 * MB + 1, 'x') }],
  [413, 'file_too_large', { name: 'big.png', content: Buffer.concat([PNG, Buffer.alloc(10 * MB)]) }],
  [413, 'file_too_large', { name: 'big.log', content: Buffer.alloc(25 * MB + 1, 'x') }],
]

t.test('content that lies, files that are empty or too large, missing targets: nothing stays', async (t) => {
  const before = [await contentOf(desk), storedFiles(desk)]
  for (const [status, code, file] of REFUSED) {
    isProblem(t, await upload([NOTE, file]), status, code, `${file.name} as ${file.type}`)
  }
  isProblem(t, await upload(Array.from({ length: 11 }, () => NOTE)), 413, 'too_many_files')
  for (const [what, fields, status] of [
    ['no ticket', {}, 400],
    ['no id', { ticket_id: 'abc' }, 400],
    ['an unknown ticket', { ticket_id: '999999' }, 404],
    ['an unknown field', { ticket_id: `${ticket.id}`, no_such: 'x' }, 400],
  ] as const) {
    isProblem(t, await upload([NOTE], { ...fields }), status, undefined, what)
  }
  t.match(isProblem(t, await upload([]), 400, 'validation_failed').errors, [{ path: 'file' }])
  isProblem(t, await send('POST', '/files/upload', { ticket_id: ticket.id }), 415, 'unsupported_media_type')
  t.same([await contentOf(desk), storedFiles(desk)], before)
})

t.test('the largest that are allowed', async (t) => {
  const answer = await upload([{ name: 'large.py', content: Buffer.alloc(5 * MB, 'x') }])
  t.match(answer.json(), { file_size_mb: 5, status: 'ready' })
})
