import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sweepOrphans } from '@servicedesk/core'
import { attachments } from '@servicedesk/db'
import { createStores, originalKey } from '@servicedesk/files'
import { createTestDesk, type TestDesk } from '@servicedesk/testing'
import { inArray } from 'drizzle-orm'
import t, { type Test } from 'tap'
import { handleSweepOrphans } from '../src/handlers/sweep-orphans.ts'

const DAY_MS = 86_400_000
const NOTHING = { unknown: 0, purged: 0, missing: [], temporary: 0 }
const later = () => new Date(Date.now() + DAY_MS + 60_000)

async function setUp(t: Test) {
  const desk = await createTestDesk(t)
  const stores = createStores(desk.config.storage)
  const store = stores.of(stores.current)
  const requester = await desk.person('Normal User')
  const { id: ticketId } = await desk.core.tickets.create(requester, {
    title: 'Lost and found',
    description: 'Where are the files of this ticket?',
  })
  /** Attaches files as uploads do; their ids. */
  async function attach(many: number, name = stores.current): Promise<string[]> {
    const files = Array.from({ length: many }, () => {
      const id = randomUUID()
      const facts = { filename: 'a.txt', extension: 'txt', mimeType: 'text/plain', category: 'documents' }
      const size = { bytes: 5, sha256: 'x'.repeat(64), width: null, height: null }
      return { id, ...facts, ...size, isPicture: false, store: name, storageKey: originalKey(id) }
    })
    for (const file of files) await stores.of(name).put(file.storageKey, Buffer.from('hello'))
    await desk.core.files.attach(requester, { ticketId }, files)
    return files.map(({ id }) => id)
  }
  const keys = async () => {
    const found: string[] = []
    for await (const { key } of store.list()) found.push(key)
    return found.sort()
  }
  const sweep = (now = later()) => sweepOrphans(desk.db, stores, now)
  return { desk, stores, store, requester, attach, keys, sweep }
}

const rowsOf = (desk: TestDesk, ids: string[]) =>
  desk.db.select().from(attachments).where(inArray(attachments.id, ids))

t.test('bytes that no row names go after a day; everything else stays', async (t) => {
  const { store, attach, keys, sweep, desk } = await setUp(t)
  const [kept = ''] = await attach(1)
  await store.put(originalKey(kept).replace('original', 'thumb-150.webp'), Buffer.from('small'))
  const known = await keys()
  const orphan = originalKey(randomUUID())
  await store.put(orphan, Buffer.from('nobody knows me'))
  await store.put(orphan.replace('original', 'thumb-300.jpeg'), Buffer.from('nor me'))
  await store.put('reports/2026/january.pdf', Buffer.from('of somebody else'))
  const temporary = join(desk.config.dataDir, 'files', '.tmp', 'half')
  mkdirSync(join(temporary, '..'), { recursive: true })
  writeFileSync(temporary, 'half a fi')
  const before = await keys()

  t.strictSame(await sweep(new Date()), NOTHING, 'an upload may still be on its way to its row')
  t.strictSame(await keys(), before)
  t.strictSame(await sweep(), { ...NOTHING, unknown: 2, temporary: 1 })
  t.strictSame(await keys(), [...known, 'reports/2026/january.pdf'].sort())
  t.strictSame(await sweep(), NOTHING)
})

t.test('a deleted file loses its bytes after a day, thumbnails included', async (t) => {
  const { desk, store, requester, attach, keys, sweep } = await setUp(t)
  const [kept = '', gone = ''] = await attach(2)
  for (const what of ['thumb-150.webp', 'thumb-600.jpeg']) {
    await store.put(originalKey(gone).replace('original', what), Buffer.from('small'))
  }
  await desk.core.files.remove(requester, gone)
  t.strictSame(await sweep(new Date()), NOTHING)
  t.strictSame(await sweep(), { ...NOTHING, purged: 1 })
  t.strictSame(await keys(), [originalKey(kept)])
  t.match(await rowsOf(desk, [gone]), [{ purgedAt: Date }])
  t.strictSame(await sweep(), NOTHING)
})

t.test('a row whose bytes are gone is found, and whole again when they are back', async (t) => {
  const { store, requester, attach, sweep, desk } = await setUp(t)
  const [whole = '', lost = ''] = await attach(2)
  await store.remove(originalKey(lost))
  t.strictSame(await sweep(new Date()), NOTHING)
  t.strictSame(await sweep(), { ...NOTHING, missing: [lost] })
  await store.put(originalKey(lost), Buffer.from('hello'))
  t.strictSame(await sweep(), NOTHING)
  for (const id of [whole, lost]) t.match(await desk.core.files.openable(requester, id), { status: 'ready' })
})

t.test('a store that another desk uses too, or an older database: nothing is removed', async (t) => {
  const { store, attach, keys, sweep } = await setUp(t)
  await attach(50)
  for (let each = 0; each < 11; each += 1) await store.put(originalKey(randomUUID()), Buffer.from('theirs'))
  const before = await keys()
  await t.rejects(sweep(), { message: /^Of 61 files in the store local 11 are unknown/ })
  t.strictSame(await keys(), before)
})

t.test('each store is asked for its own', async (t) => {
  const { desk, stores, attach } = await setUp(t)
  const [here = ''] = await attach(1)
  const root = t.testdir()
  const storage = {
    current: { kind: 'local' as const, name: 'file:///other', root },
    older: [desk.config.storage.current],
  }
  const both = createStores(storage)
  t.strictSame(await sweepOrphans(desk.db, both, later()), NOTHING, 'a row of the older store')
  await stores.of('local').remove(originalKey(here))
  await both.of('file:///other').put(originalKey(here), Buffer.from('in the wrong place'))
  t.strictSame(await sweepOrphans(desk.db, both, later()), { ...NOTHING, missing: [here] })
})

t.test('the job does it and says what it did', async (t) => {
  const { desk, stores, store } = await setUp(t)
  await store.put(originalKey(randomUUID()), Buffer.from('nobody knows me'))
  const said: object[] = []
  const log = { info: (data: object) => void said.push(data), error: (data: object) => void said.push(data) }
  const clock = { now: later }
  await handleSweepOrphans({ db: desk.db, log } as never, { stores, clock } as never)
  t.match(said, [{ unknown: 1 }])
})
