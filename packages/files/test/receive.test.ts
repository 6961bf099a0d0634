import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import sharp from 'sharp'
import t, { type Test } from 'tap'
import { FileRefused } from '../src/errors.ts'
import { examineFile, receiveFile } from '../src/receive.ts'
import { compoundFile, EXE, ooxml, pngHeader, zip } from './helpers/bytes.ts'
import { dying, endless, inPieces } from './helpers/sources.ts'
import { tmpStore } from './helpers/tmp-store.ts'

const PHOTO = new URL('./fixtures/Landscape_6.jpg', import.meta.url)
const KEY = 'ab/018f3c5e-ab/original'

async function setUp(t: Test) {
  const { store, files } = await tmpStore(t)
  const receive = (
    stream: Readable,
    filename: string,
    more: { declaredType?: string; maxBytes?: number } = {},
  ) => receiveFile(stream, { filename, declaredType: undefined, store, key: KEY, ...more })
  return { store, files, receive }
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

t.test('a text file', async (t) => {
  const { store, receive } = await setUp(t)
  const content = Buffer.from('12:00:01 ERROR disk full\n'.repeat(4000))
  t.same(await receive(inPieces(content), 'C:\\logs\\app.LOG', { declaredType: 'text/plain' }), {
    filename: 'app.LOG',
    bytes: content.length,
    sha256: sha256(content),
    mimeType: 'text/plain',
    category: 'logs',
    extension: 'log',
    isPicture: false,
  })
  t.ok(content.equals(await buffer(await store.open(KEY))))
})

t.test('a file smaller than any head, and one byte at a time', async (t) => {
  const { receive } = await setUp(t)
  t.match(await receive(inPieces(Buffer.from('x')), 'a.txt'), { bytes: 1 })
  t.match(await receive(inPieces(Buffer.alloc(9000, 'y'), 1), 'a.txt'), { bytes: 9000 })
})

t.test('pictures come with their size as it is seen', async (t) => {
  const { store, receive } = await setUp(t)
  const photo = await readFile(PHOTO)
  const stored = await receive(inPieces(photo, 4096), 'photo.jpg', { declaredType: 'image/jpeg' })
  t.match(stored, { isPicture: true, width: 1800, height: 1200, bytes: photo.length, sha256: sha256(photo) })
  t.ok(photo.equals(await buffer(await store.open(KEY))), 'the original stays as it was sent')
})

t.test('a picture whose headers lie behind half a megabyte of metadata', async (t) => {
  const { receive } = await setUp(t)
  const plain = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#0a0' } })
    .jpeg()
    .toBuffer()
  const filler = Buffer.alloc(65_500)
  const segment = Buffer.concat([Buffer.from([0xff, 0xef, 0xff, 0xde]), filler])
  const padded = Buffer.concat([
    plain.subarray(0, 2),
    ...Array.from({ length: 12 }, () => segment),
    plain.subarray(2),
  ])
  t.match(await receive(inPieces(padded, 65_536), 'depth.jpg'), { width: 40, height: 30 })
})

t.test('what is refused is not stored, and the rest of its stream is thrown away', async (t) => {
  const { receive, files } = await setUp(t)
  const photo = await readFile(PHOTO)
  const refusals: [filename: string, content: Buffer, code: string, declaredType?: string][] = [
    ['run.exe', Buffer.alloc(300_000, 'x'), 'unsupported_type'],
    ['a.png', Buffer.alloc(300_000, 'x'), 'type_mismatch', 'image/gif'],
    ['a.png', Buffer.alloc(300_000, 'x'), 'type_mismatch'],
    ['a.txt', Buffer.concat([EXE, Buffer.alloc(300_000)]), 'type_mismatch'],
    ['a.txt', Buffer.alloc(0), 'empty'],
    ['code.py', Buffer.alloc(5 * 1024 * 1024 + 1, '#'), 'too_large'],
    ['app.docx', zip({ 'classes.dex': Buffer.alloc(9000, 'x') }), 'type_mismatch'],
    ['old.doc', compoundFile('Property', 'SummaryInformation'), 'type_mismatch'],
    ['sheet.xls', compoundFile('WordDocument'), 'type_mismatch'],
    [
      'broken.jpg',
      Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(300_000)]),
      'type_mismatch',
    ],
    ['cut.jpg', photo.subarray(0, -1), 'type_mismatch'],
    ['bomb.png', pngHeader(20_000, 10_000), 'too_large'],
  ]
  for (const [filename, content, code, declaredType] of refusals) {
    const stream = inPieces(content, 16_384)
    const failure = await receive(stream, filename, declaredType ? { declaredType } : {}).catch(
      (error) => error,
    )
    t.type(failure, FileRefused)
    t.equal(failure.code, code, filename)
    await finished(stream)
    t.equal(stream.readableEnded, true, 'drained')
    t.same(await files(), [])
  }
})

t.test('documents whose parts come late are accepted', async (t) => {
  const { receive } = await setUp(t)
  const late = zip({ 'customXml/item1.xml': Buffer.alloc(30_000, 'x'), 'word/document.xml': '<w/>' })
  t.match(await receive(inPieces(late), 'export.docx'), { category: 'documents', extension: 'docx' })
  t.match(await receive(inPieces(compoundFile('WordDocument')), 'old.doc'), {
    mimeType: 'application/msword',
  })
  t.match(await receive(inPieces(ooxml('xlsx')), 'sheet.xlsx'), { extension: 'xlsx' })
})

t.test('limits to the byte', async (t) => {
  const { receive, files } = await setUp(t)
  const limit = 5 * 1024 * 1024
  t.match(await receive(inPieces(Buffer.alloc(limit, '#'), 65_536), 'a.sql'), { bytes: limit })
  t.match(await receive(inPieces(Buffer.alloc(500, 'x')), 'a.txt', { maxBytes: 500 }), { bytes: 500 })
  const over = receive(inPieces(Buffer.alloc(501, 'x')), 'a.txt', { maxBytes: 500 })
  await t.rejects(over, { code: 'too_large' })
  t.equal((await files()).length, 1)
})

t.test('a stream without end is cut off at the limit', async (t) => {
  const { receive, files } = await setUp(t)
  const { stream, taken } = endless(Buffer.from('#'))
  stream.resume = () => stream.destroy()
  await t.rejects(receive(stream, 'a.py'), { code: 'too_large' })
  t.ok(taken() < 6 * 1024 * 1024, `${taken()} bytes were taken`)
  t.same(await files(), [])
})

t.test('a file that the multipart parser has cut is too large', async (t) => {
  const { receive, files } = await setUp(t)
  const stream = Object.assign(inPieces(Buffer.alloc(20_000, 'x')), { truncated: true })
  await t.rejects(receive(stream, 'a.txt'), { code: 'too_large' })
  t.same(await files(), [])
})

t.test('a sender that goes away leaves nothing', async (t) => {
  const { receive, files } = await setUp(t)
  for (const part of [Buffer.from('early'), Buffer.alloc(500_000, 'x')]) {
    const failing = dying(part, (stream) => stream.destroy(new Error('connection reset')))
    await t.rejects(receive(failing, 'a.txt'), { message: 'connection reset' })
    const vanishing = dying(part, (stream) => stream.destroy())
    await t.rejects(receive(vanishing, 'a.txt'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
    t.same(await files(), [])
  }
  const gone = inPieces(Buffer.from('x'))
  gone.destroy()
  await t.rejects(receive(gone, 'a.txt'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
})

t.test('a client that aborts its request leaves nothing', async (t) => {
  const { receive, files } = await setUp(t)
  const outcome = new Promise<unknown>((resolve) => {
    const server = createServer((incoming: IncomingMessage) => {
      receive(incoming, 'a.txt').then(resolve, resolve)
      incoming.once('data', () => client.destroy())
    })
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      client = request({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-length': 1_000_000 } })
      client.on('error', () => {})
      client.write(Buffer.alloc(100_000, 'x'))
    })
    let client: ReturnType<typeof request>
    t.teardown(() => server.close())
  })
  t.match(await outcome, { code: 'ECONNRESET' })
  t.same(await files(), [])
})

t.test('a sender that goes away after the refusal harms nobody', async (t) => {
  const { receive } = await setUp(t)
  const stream = dying(Buffer.alloc(100, 'x'), (it) => it.destroy(new Error('reset')))
  await t.rejects(receive(stream, 'a.exe'), { code: 'unsupported_type' })
  await new Promise((resolve) => stream.on('close', resolve))
  t.match(stream.errored, { message: 'reset' })
})

t.test('a store that fails is reported as itself, and the stream is drained', async (t) => {
  const { store } = await setUp(t)
  const full = { ...store, put: () => Promise.reject(new Error('no space left')) }
  const stream = inPieces(Buffer.alloc(50_000, 'x'))
  const received = receiveFile(stream, { filename: 'a.txt', declaredType: undefined, store: full, key: KEY })
  await t.rejects(received, { message: 'no space left' })
  await finished(stream)
})

t.test('examining decides the same and stores nothing', async (t) => {
  const content = Buffer.alloc(30_000, 'x')
  const examined = await examineFile(inPieces(content), { filename: 'a.csv', declaredType: 'text/csv' })
  t.match(examined, { filename: 'a.csv', bytes: 30_000, sha256: sha256(content), category: 'logs' })
  const photo = await examineFile(inPieces(await readFile(PHOTO)), { filename: 'a.jpg', declaredType: '' })
  t.match(photo, { width: 1800, height: 1200 })
  const refused = examineFile(inPieces(EXE), { filename: 'a.csv', declaredType: 'text/csv' })
  await t.rejects(refused, { code: 'type_mismatch' })
})
