import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { type FilePart, form } from '../helpers/form.ts'
import { PNG } from '../helpers/pictures.ts'
import { isProblem } from '../helpers/problem.ts'
import { contentOf, storedFiles } from '../helpers/rows.ts'
import { sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const send = sender(desk, await desk.person('Normal User'))
const before = await contentOf(desk)
const validate = async (files: Omit<FilePart, 'field'>[], fields: Record<string, string> = {}) => {
  const parts = await form(
    fields,
    files.map((file) => ({ ...file, field: 'files' })),
  )
  return send('POST', '/files/validate', parts.payload, parts.headers)
}
const MB = 1024 ** 2
const NOTE = { name: 'note.txt', content: 'A note' }

t.test('says of every file whether it would do, and why not', async (t) => {
  const answer = await validate([
    { name: 'screen.png', type: 'image/png', content: PNG },
    { name: 'setup.exe', content: 'MZ' },
    { name: 'half.py', content: Buffer.alloc(MB / 2, 'x') },
    { name: 'lie.jpg', content: Buffer.alloc(20_000, 'x') },
    { name: 'empty.txt', content: '' },
    { name: 'big.py', content: Buffer.alloc(5 * MB + 1, 'x') },
  ])
  t.equal(answer.statusCode, 200)
  const { files, ...totals } = answer.json()
  t.match(files, [
    { filename: 'screen.png', size: PNG.length, size_mb: 0.01, category: 'images', valid: true, errors: [] },
    { filename: 'setup.exe', size: 2, size_mb: 0.01, category: null, valid: false, errors: [/extension/] },
    { filename: 'half.py', size: MB / 2, size_mb: 0.5, category: 'code', valid: true, errors: [] },
    {
      filename: 'lie.jpg',
      size: 20_000,
      size_mb: 0.02,
      category: 'images',
      valid: false,
      errors: [/content/],
    },
    { filename: 'empty.txt', size: 0, size_mb: 0, category: 'documents', valid: false, errors: [/empty/] },
    {
      filename: 'big.py',
      size: 5 * MB + 1,
      size_mb: 5,
      category: 'code',
      valid: false,
      errors: [/at most 5 MB/],
    },
  ])
  t.ok(files.every((file: { valid: boolean; errors: string[] }) => file.valid === (file.errors.length === 0)))
  t.same(totals, { total_size_mb: 5.52, valid_files: 2, total_files: 6 })
})

t.test('one that fits and ten that fit', async (t) => {
  t.match((await validate([NOTE])).json(), { valid_files: 1, total_files: 1 })
  t.match((await validate(Array(10).fill(NOTE))).json(), { valid_files: 10, total_files: 10 })
})

t.test('hostile names come back harmless, of files that fit and that do not', async (t) => {
  const answer = await validate([
    { name: '../../a.txt', content: 'x' },
    { name: '../../b.exe', content: 'x' },
    { name: 'evil\u202efdp.exe', content: 'x' },
  ])
  t.same(
    answer.json().files.map((file: { filename: string }) => file.filename),
    ['a.txt', 'b.exe', 'evilfdp.exe'],
  )
})

t.test('the same verdict as an upload, past the largest size of all', async (t) => {
  const [file] = (await validate([{ name: 'huge.log', content: Buffer.alloc(25 * MB + 100, 'x') }])).json()
    .files
  t.match(file, { valid: false, category: 'logs', errors: [/at most 25 MB/] })
})

t.test('no file, too many, no form', async (t) => {
  t.match(isProblem(t, await validate([]), 400, 'validation_failed').errors, [{ path: 'files' }])
  isProblem(t, await validate([], { files: 'a text' }), 400, 'validation_failed')
  isProblem(t, await validate(Array(11).fill(NOTE)), 413, 'too_many_files')
  isProblem(t, await send('POST', '/files/validate', { files: [] }), 415, 'unsupported_media_type')
  const { payload, headers } = await form({}, [NOTE])
  isProblem(
    t,
    await send('POST', '/files/validate', payload.subarray(0, -20), headers),
    400,
    'malformed_body',
  )
  isProblem(t, await sender(desk)('POST', '/files/validate', payload, headers), 401)
})

t.test('nothing of all that was stored', async (t) => {
  t.same([await contentOf(desk), storedFiles(desk)], [before, []])
})
