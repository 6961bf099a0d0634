import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import { FileMissing } from '../../src/errors.ts'
import { dying, inPieces } from '../helpers/sources.ts'
import { STORES } from '../helpers/stores.ts'

const KEY = 'ab/018f3c5e-ab/original'
const OTHER = 'cd/018f3c5e-cd/original'
const NAMES = ['a/one/original', 'a/one/thumb-150.webp', 'b/two/original', 'c/x.y', 'd/z', 'e/f', 'g']

/** Larger than two parts of an upload to S3. */
const LARGE = Buffer.alloc(11 * 1024 ** 2, '0123456789abcdefghijklmnopqrstuvwxyz')

/** The same promises, kept by every store. */
for (const { name, open } of STORES) {
  t.test(name, async (t) => {
    const { make, leftovers } = await open(t)

    t.test('what is put comes back, and replaces what was there', async (t) => {
      const store = make()
      const content = Buffer.from('0123456789'.repeat(10_000))
      t.same(await store.put(KEY, inPieces(content)), { bytes: content.length })
      t.same(await store.stat(KEY), { bytes: content.length })
      t.ok(content.equals(await buffer(await store.open(KEY))))
      t.same(await store.put(KEY, Buffer.from('new')), { bytes: 3 })
      t.equal(await text(await store.open(KEY)), 'new')
      t.same(await store.stat(KEY), { bytes: 3 })
      await store.remove(KEY)
      t.equal(await store.stat(KEY), null)
      t.same(await leftovers(), [])
    })

    t.test('large files, and what is read halfway', async (t) => {
      const store = make()
      t.same(await store.put(KEY, inPieces(LARGE, 64 * 1024)), { bytes: LARGE.length })
      t.ok(LARGE.equals(await buffer(await store.open(KEY))))
      const last = LARGE.length - 1
      t.ok(
        LARGE.subarray(last - 99).equals(
          await buffer(await store.open(KEY, { start: last - 99, end: last })),
        ),
      )
      const begun = await store.open(KEY)
      await once(begun, 'readable')
      begun.destroy()
      await once(begun, 'close')
      t.ok(begun.destroyed, 'a reader may go away')
      await store.remove(KEY)
    })

    t.test('ranges have both ends included', async (t) => {
      const store = make()
      await store.put(KEY, Buffer.from('0123456789'))
      const part = async (start: number, end: number) => text(await store.open(KEY, { start, end }))
      t.equal(await part(0, 0), '0')
      t.equal(await part(3, 5), '345')
      t.equal(await part(0, 9), '0123456789')
      t.equal(await part(8, 100), '89')
      t.equal(await part(9, 9), '9')
      t.equal(await part(10, 12), '', 'behind the end')
      await store.remove(KEY)
    })

    t.test('what is missing', async (t) => {
      const store = make()
      t.equal(await store.stat(KEY), null)
      await t.rejects(store.open(KEY), new FileMissing(KEY))
      await t.rejects(store.open(KEY, { start: 0, end: 3 }), new FileMissing(KEY))
      await t.resolves(store.remove(KEY), 'removing it is no error')
      const listed = []
      for await (const entry of store.list()) listed.push(entry)
      t.same(listed, [])
    })

    t.test('keys cannot leave the store', async (t) => {
      const store = make()
      const long = 'a'.repeat(201)
      for (const key of [
        '../x',
        'a/../../x',
        '/etc/passwd',
        'a//b',
        '',
        '.tmp/x',
        'a/.',
        'a\\b',
        'a\0b',
        long,
      ]) {
        for (const ask of [
          () => store.put(key, Buffer.from('x')),
          () => store.open(key),
          () => store.stat(key),
          () => store.remove(key),
        ]) {
          await t.rejects(async () => void (await ask()), RangeError, JSON.stringify(key))
        }
      }
      t.same(await leftovers(), [])
    })

    t.test('a source that fails leaves nothing, replaces nothing, and its error arrives', async (t) => {
      const store = make()
      const failing = (content: Buffer) => dying(content, (stream) => stream.destroy(new Error('reset')))
      for (const content of [Buffer.alloc(200_000, 'x'), LARGE]) {
        await t.rejects(store.put(KEY, failing(content)), { message: 'reset' })
        const vanishing = dying(content, (stream) => stream.destroy())
        await t.rejects(store.put(KEY, vanishing), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
        t.equal(await store.stat(KEY), null)
        t.same(await leftovers(), [])
      }
      const gone = new Readable({ read() {} }).destroy(new Error('gone'))
      await t.rejects(store.put(KEY, gone), { message: 'gone' }, 'before it began')
      t.same(await leftovers(), [])

      await store.put(KEY, Buffer.from('before'))
      await t.rejects(store.put(KEY, failing(LARGE)), { message: 'reset' })
      t.equal(await text(await store.open(KEY)), 'before')
      await store.remove(KEY)
      t.same(await leftovers(), [])
    })

    t.test('many at once do not disturb each other', async (t) => {
      const store = make()
      const keys = Array.from({ length: 8 }, (_, n) => `cd/one/file-${n}`)
      await Promise.all(
        keys.map((key, n) => store.put(key, inPieces(Buffer.from(key.repeat(1000 + n)), 999))),
      )
      const contents = await Promise.all(keys.map(async (key) => text(await store.open(key))))
      t.same(
        contents,
        keys.map((key, n) => key.repeat(1000 + n)),
      )
      await Promise.all(keys.map((key) => store.remove(key)))
      t.same(await leftovers(), [])
    })

    t.test('the list has everything and nothing of others, over many pages', async (t) => {
      const store = make()
      const began = Date.now()
      for (const [n, key] of NAMES.entries()) {
        await store.put(key, Buffer.alloc(n + 1), { isPicture: false })
      }
      const stranger = make('elsewhere')
      await stranger.put(OTHER, Buffer.from('not yours'))
      const found = []
      for await (const entry of store.list()) found.push(entry)
      t.same(
        found.map(({ key, bytes }) => [key, bytes]).sort(),
        NAMES.map((key, n) => [key, n + 1]),
      )
      // Whole seconds, in some stores.
      for (const { storedAt } of found) t.ok(storedAt.getTime() > began - 2_000 && storedAt <= new Date())
      t.equal(await store.stat(OTHER), null, 'nor can it be read')
      await stranger.remove(OTHER)
      for (const key of NAMES) await store.remove(key)
      t.same(await leftovers(), [])
    })
  })
}
