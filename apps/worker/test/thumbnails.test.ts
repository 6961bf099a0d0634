import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { StoredFile } from '@servicedesk/core'
import { attachments, outbox } from '@servicedesk/db'
import { createStores } from '@servicedesk/files'
import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import { eq, sql } from 'drizzle-orm'
import t from 'tap'

const desk = await createTestDesk(t, { dispatch: true })
const stores = createStores(desk.config.storage)
const store = stores.of(stores.current)
const user = await desk.person('Normal User')
const wanted = { title: 'Screen is black', description: 'It was fine yesterday evening.' }
const ticketId = (await desk.core.tickets.create(user, wanted)).id
await startTestWorker(t, desk, 'smtp://127.0.0.1:1')
const photograph = await readFile(
  fileURLToPath(new URL('../../../packages/files/test/fixtures/Landscape_6.jpg', import.meta.url)),
)

async function attach(
  content: Buffer,
  extension = 'jpg',
  more: { unstored?: boolean } = {},
): Promise<StoredFile> {
  const id = randomUUID()
  const file: StoredFile = {
    id,
    filename: `photo.${extension}`,
    extension,
    mimeType: extension === 'jpg' ? 'image/jpeg' : 'image/png',
    category: 'images',
    bytes: content.length,
    sha256: 'x'.repeat(64),
    store: stores.current,
    storageKey: `attachments/${id}/original`,
    isPicture: true,
    width: null,
    height: null,
  }
  if (!more.unstored) await store.put(file.storageKey, content)
  await desk.core.files.attach(user, { ticketId }, [file])
  return file
}
const stateOf = async (id: string) =>
  (await desk.db.select().from(attachments).where(eq(attachments.id, id)))[0]!.thumbnail
const rowOf = async (id: string) =>
  (await desk.db.select().from(outbox).where(sql`payload->>'attachment_id' = ${id}`))[0]!
const settled = (id: string) =>
  until('the thumbnail job to be settled', async () => {
    const row = await rowOf(id)
    return (row.doneAt !== null || row.failedAt !== null) && row
  })
const thumbnail = (id: string, size = 150) =>
  desk.app.inject({
    method: 'GET',
    url: `/api/v1/files/${id}/thumbnail?size=${size}`,
    headers: { ...desk.as(user), accept: 'image/jpeg' },
  })

/** Width and height from a JPEG's frame header. */
function jpegSize(data: Buffer): { width: number; height: number } {
  for (let at = 2; at < data.length; at += 2 + data.readUInt16BE(at + 2)) {
    const marker = data[at + 1]!
    if (marker === 0xc0 || marker === 0xc2) {
      return { height: data.readUInt16BE(at + 5), width: data.readUInt16BE(at + 7) }
    }
  }
  throw new Error('no frame')
}

t.test('a photograph that lies on its side stands upright, without its metadata', async (t) => {
  t.ok(photograph.includes('Exif'), 'the original has metadata')
  const stored = jpegSize(photograph)
  t.ok(stored.height > stored.width, 'and lies on its side')
  const { id } = await attach(photograph)
  t.match(await settled(id), { failedAt: null, attempts: 1 })
  t.equal(await stateOf(id), 'ready')
  for (const size of [150, 300, 600]) {
    const { statusCode, rawPayload } = await thumbnail(id, size)
    t.equal(statusCode, 200)
    const { width, height } = jpegSize(rawPayload)
    t.ok(width > height && width === size, `${width} × ${height}`)
    t.notOk(rawPayload.includes('Exif'))
  }
})

t.test('the same job run twice gives the same', async (t) => {
  const { id } = await attach(photograph)
  await settled(id)
  const before = (await thumbnail(id)).rawPayload
  const row = await rowOf(id)
  await desk.db.update(outbox).set({ doneAt: null, dispatchedAt: null }).where(eq(outbox.id, row.id))
  t.match(await settled(id), { attempts: 2, failedAt: null })
  t.equal(await stateOf(id), 'ready')
  t.ok((await thumbnail(id)).rawPayload.equals(before))
})

t.test(
  'too many pixels, and no picture at all: failed at the first try, which is no dead letter',
  async (t) => {
    const bomb = Buffer.from(
      '89504e470d0a1a0a0000000d494844520000ffff0000ffff0802000000ffffffff0000000049454e44ae426082',
      'hex',
    )
    for (const content of [bomb, Buffer.from('no picture')]) {
      const { id } = await attach(content, 'png')
      t.match(await settled(id), { attempts: 1, failedAt: null, lastError: null })
      t.equal(await stateOf(id), 'failed')
      t.equal((await thumbnail(id)).statusCode, 404)
    }
  },
)

t.test('a file that is deleted while its job is tried again settles the job and makes nothing', async (t) => {
  const { id } = await attach(photograph, 'jpg', { unstored: true })
  await desk.core.files.remove(user, id)
  t.match(await settled(id), { failedAt: null })
  t.equal(await stateOf(id), 'pending')
})

t.test('a store that cannot be read yet is tried again', async (t) => {
  const file = await attach(photograph, 'jpg', { unstored: true })
  await until('the first try', async () => {
    const job = await desk.queues.thumbnails.getJob(`o-${(await rowOf(file.id)).id}`)
    return job !== undefined && job.attemptsMade >= 1
  })
  t.equal(await stateOf(file.id), 'pending')
  t.equal((await thumbnail(file.id)).statusCode, 202)
  await store.put(file.storageKey, photograph)
  t.match(await settled(file.id), { failedAt: null })
  t.equal(await stateOf(file.id), 'ready')
})
