import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import { receiveFile } from '../../src/receive.ts'
import { createCloudinaryStore } from '../../src/stores/cloudinary.ts'
import { fakeCloudinary } from '../helpers/fake-cloudinary.ts'
import { red } from '../helpers/red.ts'
import { inPieces } from '../helpers/sources.ts'

const SECRET = 'cloud-secret'
const PNG = await red()
const KEY = 'ab/018f3c5e-ab/original'

const fake = await fakeCloudinary(t, SECRET)

function setUp(more: { apiSecret?: string; timeout?: number; folder?: string } = {}) {
  fake.assets.clear()
  fake.state.fault = undefined
  return createCloudinaryStore({ ...fake.config, ...more })
}

t.test('ranges from a server that does not honour them', async (t) => {
  const store = setUp()
  await store.put(KEY, Buffer.from('0123456789'))
  fake.state.fault = 'ignore-range'
  t.equal(await text(await store.open(KEY, { start: 3, end: 5 })), '345')
  t.equal(await text(await store.open(KEY, { start: 0, end: 0 })), '0')
  t.equal(await text(await store.open(KEY, { start: 8, end: 20 })), '89')
  t.equal(await text(await store.open(KEY, { start: 10, end: 20 })), '')
  t.same(await store.stat(KEY), { bytes: 10 })
})

t.test('pictures are pictures there, and everything else is kept as it is', async (t) => {
  const store = setUp({ folder: 'desk' })
  const [picture, thumbnail] = ['ab/one/original', 'ab/one/thumb-150.webp']
  await store.put(picture, PNG, { isPicture: true })
  await store.put(thumbnail, PNG)
  await store.put(KEY, Buffer.from('text'), { isPicture: false })
  const kinds = [`image/desk/${picture}`, `image/desk/${thumbnail}`, `raw/desk/${KEY}`]
  t.same([...fake.assets.keys()], kinds)
  t.ok(PNG.equals(await buffer(await store.open(picture))))
  t.same(await store.stat(thumbnail), { bytes: PNG.length })
  const keys = []
  for await (const { key } of store.list()) keys.push(key)
  t.same(keys, [picture, thumbnail, KEY])
  for (const key of keys) await store.remove(key)
  t.equal(fake.assets.size, 0)
})

t.test('a picture that Cloudinary cannot read is refused as what it is, and not kept', async (t) => {
  const store = setUp()
  const broken = Buffer.from('GIF89a and then no picture')
  await t.rejects(store.put(KEY, broken, { isPicture: true }), { name: 'FileRefused', code: 'type_mismatch' })
  const file = { filename: 'a.gif', declaredType: undefined }
  await t.rejects(receiveFile(inPieces(broken), { ...file, store, key: KEY }), { code: 'type_mismatch' })
  t.equal(fake.assets.size, 0)
  await t.resolves(store.put(KEY, broken), 'while what is no picture may be anything')
})

t.test('a source that fails cuts the upload off and stores nothing', async (t) => {
  const store = setUp()
  const source = new Readable({ read() {} })
  source.push(Buffer.alloc(300_000, 'x'))
  fake.events.once('begun', () => source.destroy(new Error('connection reset')))
  const cut = once(fake.events, 'cut')
  await t.rejects(store.put(KEY, source), { message: 'connection reset' })
  await cut
  t.equal(fake.assets.size, 0)
})

t.test('a source that fails before the upload begins stores nothing either', async (t) => {
  const store = setUp()
  const gone = new Readable({ read() {} })
  gone.destroy(new Error('gone'))
  await t.rejects(store.put(KEY, gone), { message: 'gone' })
  t.equal(fake.assets.size, 0)
})

t.test('a refused file is not stored, and the reason arrives', async (t) => {
  const store = setUp()
  const stream = inPieces(Buffer.alloc(60_000, 'x'))
  const file = { filename: 'a.txt', declaredType: undefined, maxBytes: 30_000 }
  await t.rejects(receiveFile(stream, { ...file, store, key: KEY }), { code: 'too_large' })
  t.equal(fake.assets.size, 0)
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
