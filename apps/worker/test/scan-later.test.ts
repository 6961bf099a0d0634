import { alerts } from '@servicedesk/db'
import { CLEAN, startTestWorker, until } from '@servicedesk/testing'
import { and, eq } from 'drizzle-orm'
import t from 'tap'
import { createScanDesk } from './helpers/scan-desk.ts'

const on = await createScanDesk(t)
const { clamd, desk } = on
const admin = await desk.person('System Admin')
const supervisor = await desk.person('Technical Supervisor')
/** Whose worker goes on after the first test. */
const wholeFile = t
/** Tries of a scan; each wait is ended early. */
const TRIES = 12

t.beforeEach(() => {
  clamd.reply = () => CLEAN
})

t.test('a worker that knows of no scanner lets nothing through, to the end of its tries', async (t) => {
  const blind = await startTestWorker(t, desk, 'smtp://127.0.0.1:1', { scan: undefined })
  const file = await on.attach({ extension: 'jpg' })
  for (let tries = 1; tries < TRIES; tries += 1) await (await on.failed(file, tries)).promote()
  const dead = await on.settled(file)
  t.match(dead, { doneAt: null, lastError: /CLAMD_URL is not set/ })
  t.match(await on.rowOf(file), { status: 'scanning', thumbnail: 'pending' })
  t.strictSame((await on.ways(file))[0], [409, 'file_scanning'])
  t.strictSame(await on.told(file), [], 'nothing is known of the file')
  await until('the admin to be told', async () => {
    const mine = and(eq(alerts.userId, admin.id), eq(alerts.alertType, 'system'))
    return (await desk.db.$count(alerts, mine)) === 1
  })
  await blind.close(5_000)

  await startTestWorker(wholeFile, desk, 'smtp://127.0.0.1:1')
  const [letter] = (await on.get('/admin/jobs/dead', admin)).json().jobs
  t.match(letter, { id: dead.id, name: 'file.scan' })
  const retried = await desk.app.inject({
    method: 'POST',
    url: `/api/v1/admin/jobs/dead/${dead.id}/retry`,
    headers: desk.as(admin),
  })
  t.equal(retried.statusCode, 202, retried.body)
  t.match(await on.settled(file), { failedAt: null })
  await on.settled(file, 'thumbnail.make')
  t.match(await on.rowOf(file), { status: 'ready', thumbnail: 'ready' })
})

t.test('a clamd that is down, breaks off or talks nonsense is tried again until it answers', async (t) => {
  await clamd.down()
  const file = await on.attach()
  const job = await on.failed(file, 1)
  t.match(job.failedReason, /ECONNREFUSED/)
  t.ok(job.opts.delay !== 0)
  await clamd.up()
  let tries = 1
  for (const reply of ['cut' as const, () => 'nonsense', { early: CLEAN }]) {
    clamd.reply = reply
    await (await on.failed(file, tries)).promote()
    tries += 1
    await on.failed(file, tries)
    t.match(await on.rowOf(file), { status: 'scanning' }, `after ${tries} tries`)
  }
  clamd.reply = () => CLEAN
  await (await on.failed(file, tries)).promote()
  t.match(await on.settled(file), { failedAt: null })
  t.match(await on.rowOf(file), { status: 'ready' })
  t.strictSame(await on.told(file), [])
})

t.test('a store that gives less than was stored is no clean file', async (t) => {
  const file = await on.attach({ stored: Buffer.from('short') })
  t.match((await on.failed(file, 1)).failedReason, /The store gave 5 of \d+ bytes/)
  t.match(await on.rowOf(file), { status: 'scanning' })
  // Found in a part, it is found.
  clamd.reply = () => 'stream: Fake FOUND'
  await (await on.failed(file, 1)).promote()
  await on.settled(file)
  t.match(await on.rowOf(file), { status: 'infected' })
  t.ok((await on.told(file)).includes(supervisor.id))
})
