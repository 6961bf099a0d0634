import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import { FileMissing } from '../../src/errors.ts'
import { receiveFile } from '../../src/receive.ts'
import { createCloudinaryStore } from '../../src/stores/cloudinary.ts'
import { fakeCloudinary } from '../helpers/fake-cloudinary.ts'
import { inPieces } from '../helpers/sources.ts'

const SECRET = 'cloud-secret'
const KEY = 'ab/018f3c5e-ab/original'

const fake = await fakeCloudinary(t, SECRET)
// The SDK takes http instead of https from here alone, and only while it loads (with the store's first call).
process.env.CLOUDINARY_URL = `cloudinary://ignored:ignored@ignored?upload_prefix=${fake.url}`

function setUp(more: { apiSecret?: string; timeout?: number } = {}) {
  fake.files.clear()
  fake.state.fault = undefined
  return createCloudinaryStore({ cloudName: 'demo', apiKey: 'key', apiSecret: SECRET, ...more })
}

t.test('what is put comes back', async (t) => {
  const store = setUp()
  const content = Buffer.from([...Array(70_000).keys()].map((n) => n % 256))
  t.same(await store.put(KEY, inPieces(content, 5000)), { bytes: content.length })
  t.ok(fake.files.get(KEY)?.equals(content))
  t.ok(content.equals(await buffer(await store.open(KEY))))
  t.same(await store.stat(KEY), { bytes: content.length })
  t.same(await store.put(KEY, Buffer.from('new')), { bytes: 3 })
  t.equal(await text(await store.open(KEY)), 'new')
  await store.remove(KEY)
  t.equal(fake.files.size, 0)
})

t.test('ranges, whether the server honours them or not', async (t) => {
  const store = setUp()
  await store.put(KEY, Buffer.from('0123456789'))
  for (const fault of [undefined, 'ignore-range'] as const) {
    fake.state.fault = fault
    t.equal(await text(await store.open(KEY, { start: 3, end: 5 })), '345')
    t.equal(await text(await store.open(KEY, { start: 0, end: 0 })), '0')
    t.equal(await text(await store.open(KEY, { start: 8, end: 20 })), '89')
    t.same(await store.stat(KEY), { bytes: 10 })
  }
})

t.test('what is missing', async (t) => {
  const store = setUp()
  t.equal(await store.stat(KEY), null)
  await t.rejects(store.open(KEY), new FileMissing(KEY))
  await t.resolves(store.remove(KEY))
  await t.rejects(store.put('../x', Buffer.from('x')), RangeError)
})

t.test('a source that fails cuts the upload off and stores nothing', async (t) => {
  const store = setUp()
  const source = new Readable({ read() {} })
  source.push(Buffer.alloc(300_000, 'x'))
  fake.events.once('begun', () => source.destroy(new Error('connection reset')))
  const cut = once(fake.events, 'cut')
  await t.rejects(store.put(KEY, source), { message: 'connection reset' })
  await cut
  t.equal(fake.files.size, 0)
})

t.test('a source that fails before the upload begins stores nothing either', async (t) => {
  const store = setUp()
  const gone = new Readable({ read() {} })
  gone.destroy(new Error('gone'))
  await t.rejects(store.put(KEY, gone), { message: 'gone' })
  t.equal(fake.files.size, 0)
})

t.test('a refused file is not stored, and the reason arrives', async (t) => {
  const store = setUp()
  const stream = inPieces(Buffer.alloc(60_000, 'x'))
  const file = { filename: 'a.txt', declaredType: undefined, maxBytes: 30_000 }
  await t.rejects(receiveFile(stream, { ...file, store, key: KEY }), { code: 'too_large' })
  t.equal(fake.files.size, 0)
})

t.test('errors name what happened and never the secret', async (t) => {
  const wrong = setUp({ apiSecret: 'wrong-secret' })
  const refused = await wrong.put(KEY, inPieces(Buffer.alloc(50_000, 'x'))).catch((error) => error)
  t.equal(refused.message, 'Cloudinary: Invalid Signature (401)')
  t.notMatch(JSON.stringify({ ...refused, stack: refused.stack }), /secret/)

  const store = setUp()
  fake.state.fault = 'error'
  await t.rejects(store.put(KEY, Buffer.from('x')), { message: 'Cloudinary: General error (500)' })
  await t.rejects(store.open(KEY), { message: 'Cloudinary: download (500)' })
  await t.rejects(store.stat(KEY), { message: 'Cloudinary: download (500)' })
  await t.rejects(store.remove(KEY), { message: 'Cloudinary: General error (500)' })
})

t.test('a server that stays silent is given up', async (t) => {
  const store = setUp({ timeout: 100 })
  fake.state.fault = 'silence'
  await t.rejects(store.put(KEY, Buffer.from('x')), { message: /^Cloudinary: / })
  await t.rejects(store.open(KEY), { message: 'Cloudinary did not answer in time' })
  await t.rejects(store.stat(KEY), { message: 'Cloudinary did not answer in time' })
  await t.rejects(store.remove(KEY), { message: /^Cloudinary: / })
})
