import { randomUUID } from 'node:crypto'
import { attachments } from '@servicedesk/db'
import { createStores } from '@servicedesk/files'
import { createTestDesk } from '@servicedesk/testing'
import { handlers } from '@servicedesk/worker'
import { eq } from 'drizzle-orm'
import t from 'tap'

const desk = await createTestDesk(t)
const stores = createStores(desk.config.storage)
const handle = handlers['thumbnail.make']

t.test('a picture that worker after worker died of is given up before it is opened again', async (t) => {
  const user = await desk.person('Normal User')
  const report = { title: 'Screen is black', description: 'It was fine yesterday evening.' }
  const { id: ticketId } = await desk.core.tickets.create(user, report)
  const id = randomUUID()
  const file = {
    id,
    filename: 'a.png',
    extension: 'png',
    mimeType: 'image/png',
    category: 'images',
    bytes: 4,
  }
  const where = { store: stores.current, storageKey: `attachments/${id}/original` }
  await stores.of(where.store).put(where.storageKey, Buffer.from('evil'))
  const stored = { ...file, ...where, sha256: 'x'.repeat(64), isPicture: true, width: null, height: null }
  await desk.core.files.attach(user, { ticketId }, [stored])
  const [owed] = (await desk.owed()).filter((row) => row.name === 'thumbnail.make')

  let opened = 0
  const errors: object[] = []
  const ignore = () => undefined
  const run = (stalls: number) =>
    handle(
      {
        name: 'thumbnail.make',
        payload: { attachment_id: id },
        outboxId: owed!.id,
        attempt: 1,
        isLastAttempt: false,
        stalls,
        db: desk.db,
        dispatch: ignore,
        log: { debug: ignore, info: ignore, warn: ignore, error: (data) => void errors.push(data) },
      },
      {
        stores,
        clock: { now: () => new Date() },
        makeThumbnails: async () => {
          opened += 1
          throw new Error('the worker dies')
        },
      } as unknown as Parameters<typeof handle>[1],
    )
  const stateOf = async () =>
    (await desk.db.select().from(attachments).where(eq(attachments.id, id)))[0]?.thumbnail

  await t.rejects(run(4), { message: 'the worker dies' })
  t.same([opened, await stateOf()], [1, 'pending'])
  await run(5)
  t.same([opened, await stateOf(), errors], [1, 'failed', [{ attachment: id, stalls: 5 }]])
  t.notOk(
    (await desk.owed()).some((row) => row.id === owed!.id),
    'its job is done, and no dead letter',
  )
})
