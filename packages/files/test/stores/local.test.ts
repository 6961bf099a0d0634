import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import t from 'tap'
import { FileMissing } from '../../src/errors.ts'
import { dying, inPieces } from '../helpers/sources.ts'
import { tmpStore } from '../helpers/tmp-store.ts'

const KEY = 'ab/018f3c5e-ab/original'

t.test('what is put comes back', async (t) => {
  const { store, root, files } = await tmpStore(t)
  const content = Buffer.from('0123456789'.repeat(10_000))
  t.same(await store.put(KEY, inPieces(content)), { bytes: content.length })
  t.same(await store.stat(KEY), { bytes: content.length })
  t.ok(content.equals(await buffer(await store.open(KEY))))
  t.same(await files(), [join(root, KEY)])

  t.same(await store.put(KEY, Buffer.from('new')), { bytes: 3 })
  t.equal(await text(await store.open(KEY)), 'new', 'replaced')
})

t.test('ranges have both ends included', async (t) => {
  const { store } = await tmpStore(t)
  await store.put(KEY, Buffer.from('0123456789'))
  const part = async (start: number, end: number) => text(await store.open(KEY, { start, end }))
  t.equal(await part(0, 0), '0')
  t.equal(await part(3, 5), '345')
  t.equal(await part(8, 100), '89')
})

t.test('what is missing', async (t) => {
  const { store } = await tmpStore(t)
  t.equal(await store.stat(KEY), null)
  await t.rejects(store.open(KEY), new FileMissing(KEY))
  await t.resolves(store.remove(KEY), 'removing it again is no error')
  await store.put('ab/file', Buffer.from('x'))
  t.equal(await store.stat('ab/file/below'), null, 'below a file')
})

t.test('removing the last file of a folder removes the folder', async (t) => {
  const { store, root } = await tmpStore(t)
  await store.put(KEY, Buffer.from('x'))
  await store.put('ab/018f3c5e-ab/thumb-150.webp', Buffer.from('y'))
  await store.remove(KEY)
  t.same(await store.stat('ab/018f3c5e-ab/thumb-150.webp'), { bytes: 1 })
  await store.remove('ab/018f3c5e-ab/thumb-150.webp')
  t.same(await readdir(root), ['.tmp'])
})

t.test('a source that fails leaves nothing and replaces nothing', async (t) => {
  const { store, root, files } = await tmpStore(t)
  const part = Buffer.alloc(200_000, 'x')
  const failing = dying(part, (stream) => stream.destroy(new Error('connection reset')))
  await t.rejects(store.put(KEY, failing), { message: 'connection reset' })
  const vanishing = dying(part, (stream) => stream.destroy())
  await t.rejects(store.put(KEY, vanishing), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
  const gone = dying(part, () => {}).destroy(new Error('gone'))
  await t.rejects(store.put(KEY, gone), { message: 'gone' })
  t.same(await files(), [])

  await store.put(KEY, Buffer.from('before'))
  await t.rejects(
    store.put(
      KEY,
      dying(part, (stream) => stream.destroy(new Error('gone'))),
    ),
  )
  t.equal(await text(await store.open(KEY)), 'before')
  t.same(await files(), [join(root, KEY)])
})

t.test('puts and removals of neighbours at once do not disturb each other', async (t) => {
  const { store, files } = await tmpStore(t)
  const visit = async (key: string) => {
    // The folder is empty again and again, and is taken away just when a neighbour moves in.
    for (let round = 0; round < 40; round++) {
      await store.put(key, Buffer.from('x'))
      await store.remove(key)
    }
  }
  await t.resolves(Promise.all(['a', 'b', 'c', 'd'].map((name) => visit(`cd/one/${name}`))))
  t.same(await files(), [])
})

t.test('keys cannot leave the store', async (t) => {
  const { store, root, files } = await tmpStore(t)
  for (const key of [
    '../x',
    'a/../../x',
    '/etc/passwd',
    'a//b',
    '',
    '.tmp/x',
    'a/.',
    'a\\..\\b',
    'a\0b',
    'a'.repeat(201),
  ]) {
    await t.rejects(store.put(key, Buffer.from('x')), RangeError, JSON.stringify(key))
    await t.rejects(store.open(key), RangeError, JSON.stringify(key))
    await t.rejects(store.stat(key), RangeError, JSON.stringify(key))
    await t.rejects(store.remove(key), RangeError, JSON.stringify(key))
  }
  t.same(await files(), [], root)
})

t.test('the sweep removes what was left half written, and only that', async (t) => {
  const { store, root, files } = await tmpStore(t)
  t.equal(await store.sweepTemporary(new Date()), 0, 'before there is anything')
  await store.put(KEY, Buffer.from('kept'))
  await mkdir(join(root, '.tmp'), { recursive: true })
  await writeFile(join(root, '.tmp', 'stale'), 'x')
  await writeFile(join(root, '.tmp', 'fresh'), 'x')
  await utimes(join(root, '.tmp', 'stale'), new Date('2026-01-01'), new Date('2026-01-01'))
  await utimes(join(root, '.tmp', 'fresh'), new Date('2026-01-03'), new Date('2026-01-03'))
  t.equal(await store.sweepTemporary(new Date('2026-01-02')), 1)
  t.same((await files()).sort(), [join(root, '.tmp', 'fresh'), join(root, KEY)].sort())
})
