import { notificationPreferences, outbox, users } from '@servicedesk/db'
import { CLEAN, FOUND, startTestWorker, TOO_LONG, until } from '@servicedesk/testing'
import { eq } from 'drizzle-orm'
import t from 'tap'
import { createScanDesk } from './helpers/scan-desk.ts'

const on = await createScanDesk(t)
const { clamd, desk, requester, ticket } = on
const agent = await desk.person('Technical User')
const supervisor = await desk.person('Technical Supervisor')
const mailed = await desk.person('Technical Supervisor')
await desk.person('System Admin')
const wish = { userId: mailed.id, alertType: 'file_rejected' as const, inApp: true, email: true }
await desk.db.insert(notificationPreferences).values(wish)
await startTestWorker(t, desk, 'smtp://127.0.0.1:1')
const everybody = [requester.id, supervisor.id, mailed.id]
const CLOSED = (status: number, code: string) => Array.from({ length: 4 }, () => [status, code])

t.beforeEach(() => {
  clamd.reply = () => CLEAN
})

/** A clamd that answers when it is told to. */
function held(): { answer: (text: string) => void } {
  let answer: (text: string) => void = () => undefined
  const decided = new Promise<string>((resolve) => {
    answer = resolve
  })
  clamd.reply = () => decided
  return { answer }
}
const isScanning = (begun: number) => until('a scan to begin', async () => clamd.begun() > begun)

t.test('a picture shows at once, opens when it is clean, and has its thumbnails then', async (t) => {
  const scan = held()
  const file = await on.attach({ extension: 'jpg' })
  await until('it to be read', async () => clamd.scanned.some((each) => each.equals(on.photograph)))
  t.strictSame(await on.ways(file), CLOSED(409, 'file_scanning'))
  const before = await on.shown(file)
  t.match(before.inList, { status: 'scanning', filename: file.filename })
  t.match(before.inTimeline, { message: /Uploaded file/, image_url: undefined })
  t.strictSame(await on.jobsOf(file, 'thumbnail.make'), [], 'nothing is made of it yet')
  scan.answer(CLEAN)
  await on.settled(file)
  await on.settled(file, 'thumbnail.make')
  t.match(await on.rowOf(file), { status: 'ready', thumbnail: 'ready' })
  t.strictSame(
    (await on.ways(file)).map(([status]) => status),
    [200, 200, 200, 200],
  )
  t.match(await on.shown(file), { inList: { status: 'ready' }, inTimeline: { image_url: /^http/ } })
  t.strictSame(await on.told(file), [])
})

t.test('what is clean and no picture owes no thumbnails', async (t) => {
  const file = await on.attach()
  t.match(await on.settled(file), { failedAt: null })
  t.match(await on.rowOf(file), { status: 'ready', thumbnail: 'none' })
  t.strictSame(await on.jobsOf(file, 'thumbnail.make'), [])
})

t.test('an infected file is quarantined; uploader and supervisors hear of it once', async (t) => {
  clamd.reply = () => FOUND
  const file = await on.attach({ extension: 'jpg' })
  t.match(await on.settled(file), { failedAt: null, attempts: 1 })
  t.match(await on.rowOf(file), { status: 'infected', thumbnail: 'failed' })
  t.strictSame(await on.ways(file), CLOSED(403, 'file_infected'))
  const shown = await on.shown(file)
  t.match(shown, { inList: { status: 'infected' }, inTimeline: { image_url: undefined } })
  t.notOk('thumbnail_url' in shown.inList)
  t.same(await on.store.stat(file.storageKey), { bytes: file.bytes }, 'the bytes are kept')
  t.strictSame(await on.jobsOf(file, 'thumbnail.make'), [])
  t.strictSame(await on.told(file), everybody)
  t.strictSame(await on.mailed(file), [['file_rejected', mailed.id]], 'only who wants mail has it')
  const timeline = await on.get(`/messages/ticket/${ticket.id}/timeline?include=events`)
  const description = `File quarantined: ${file.filename} holds Fake.Test.Signature`
  t.match(
    timeline.json().filter((each: { description?: string }) => each.description === description),
    [{ type: 'event', performed_by_name: 'System' }],
  )

  // The same job, late: its row is owed again, as after a restored backup.
  const [row] = await on.jobsOf(file, 'file.scan')
  await desk.db.update(outbox).set({ doneAt: null, dispatchedAt: null }).where(eq(outbox.id, row!.id))
  clamd.reply = () => CLEAN
  t.match(await on.settled(file), { attempts: 2, failedAt: null })
  t.match(await on.rowOf(file), { status: 'infected' })
  t.strictSame(await on.told(file), everybody)
  t.equal((await on.eventsOf(file)).length, 2, 'uploaded, quarantined')
})

t.test('of an internal file no requester hears, not even one who uploaded it as staff', async (t) => {
  const note = { ticket_id: ticket.id, message: 'Look at this', is_internal: true }
  const said = await desk.app.inject({
    method: 'POST',
    url: '/api/v1/messages',
    headers: desk.as(agent),
    payload: note,
  })
  const messageId = said.json().id
  clamd.reply = () => FOUND
  const file = await on.attach({ by: agent, messageId })
  await on.settled(file)
  t.strictSame(await on.told(file), [agent.id, supervisor.id, mailed.id])
  for (const path of [
    `/messages/ticket/${ticket.id}/timeline?include=events`,
    `/tickets/${ticket.id}/activities`,
    `/tickets/${ticket.id}/events`,
  ]) {
    t.notMatch((await on.get(path)).body, file.filename, path)
    t.match((await on.get(path, supervisor)).body, `quarantined: ${file.filename}`.slice(13), path)
  }

  const scan = held()
  const begun = clamd.begun()
  const other = await on.attach({ by: agent, messageId })
  await isScanning(begun)
  await desk.db.update(users).set({ role: 'Normal User' }).where(eq(users.id, agent.id))
  scan.answer(FOUND)
  await on.settled(other)
  t.strictSame(await on.told(other), [supervisor.id, mailed.id])
})

t.test('what is beyond the scanner fails for good, with the reason in the log', async (t) => {
  clamd.reply = { early: TOO_LONG }
  const file = await on.attach({ extension: 'jpg' })
  t.match(await on.settled(file), { failedAt: null })
  t.match(await on.rowOf(file), { status: 'failed', thumbnail: 'failed' })
  t.strictSame(await on.ways(file), CLOSED(404, 'not_found'))
  t.match(await on.shown(file), { inList: { status: 'failed' }, inTimeline: { image_url: undefined } })
  t.match(await on.eventsOf(file), [
    { type: 'file_uploaded' },
    { type: 'file_scan_failed', actorId: null, data: { reason: /size limit exceeded/ } },
  ])
  t.strictSame(await on.told(file), everybody)
})

t.test('a file that is deleted while it is scanned is left alone', async (t) => {
  const scan = held()
  const begun = clamd.begun()
  const file = await on.attach()
  await isScanning(begun)
  await desk.core.files.remove(requester, file.id)
  scan.answer(FOUND)
  t.match(await on.settled(file), { failedAt: null })
  t.match(await on.rowOf(file), { status: 'scanning' })
  t.strictSame(await on.told(file), [])
  t.match(await on.eventsOf(file), [{ type: 'file_uploaded' }])
})

t.test('the files of a new ticket are scanned too, and name their store', async (t) => {
  clamd.reply = () => FOUND
  const file = await on.stored({ extension: 'jpg' })
  await desk.core.tickets.create(
    requester,
    { title: 'With a picture', description: 'Look at this picture.' },
    [file],
  )
  t.match(await on.rowOf(file), { store: file.store })
  await on.settled(file)
  t.match(await on.rowOf(file), { status: 'infected' })
  t.strictSame(await on.jobsOf(file, 'thumbnail.make'), [])
})
