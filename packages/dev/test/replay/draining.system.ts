import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import { DRAINED, startFakeDesk } from '../helpers/fake-desk.ts'
import { fakeTime, replayed, rowsFile } from '../helpers/run-replay.ts'

/** An address at which nobody listens any more. */
async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

t.test(
  'waits until nothing is owed, no mail waits and no thumbnail is pending; replaced mails are no loss',
  async (t) => {
    const desk = await startFakeDesk(t)
    const stages = [
      DRAINED,
      { ...DRAINED, owed: 3 },
      { ...DRAINED, mails_queued: 2 },
      { ...DRAINED, thumbnails_pending: 1 },
      { ...DRAINED, mails_sent: 5, mails_discarded: 2 },
    ]
    let asked = 0
    desk.figures = () => stages[Math.min(asked++, stages.length - 1)] ?? DRAINED
    const { code, summary } = await replayed(desk.url, [rowsFile(t, 3)])
    t.equal(code, 0)
    t.equal(asked, 5)
    t.match(summary, {
      owed: 0,
      mails: { sent: 5, failed: 0, discarded: 2, queued: 0 },
      failed_jobs: 0,
      draining_seconds: 1.5,
    })
  },
)

t.test('gives up when the time is up, and says what is left', async (t) => {
  const desk = await startFakeDesk(t)
  let asked = 0
  desk.figures = () => (asked++ === 0 ? DRAINED : { ...DRAINED, owed: 7, mails_queued: 1 })
  const { code, summary } = await replayed(desk.url, [rowsFile(t, 3), '--timeout', '30'])
  t.equal(code, 1)
  t.equal(summary.draining_seconds, 30)
  t.match(summary, { created: 3, owed: 7, mails: { queued: 1 } })
  t.same(summary.problems, [
    '1 mail not sent in time',
    '7 rows still owed: the pipeline did not drain in time',
  ])
})

t.test('what failed before the run is not of this run', async (t) => {
  const desk = await startFakeDesk(t)
  const old = { ...DRAINED, dead: 4, mails_sent: 100, mails_failed: 2 }
  desk.figures = () => old
  const calm = await replayed(desk.url, [rowsFile(t, 1)])
  t.equal(calm.code, 0)
  t.match(calm.summary, { failed_jobs: 0, mails: { sent: 0, failed: 0 } })
  let asked = 0
  desk.figures = () => (asked++ === 0 ? old : { ...old, dead: 6, mails_failed: 3, mails_sent: 101 })
  const { code, summary } = await replayed(desk.url, [rowsFile(t, 1)])
  t.equal(code, 1)
  t.match(summary, { failed_jobs: 2, mails: { sent: 1, failed: 1 } })
  t.same(summary.problems, ['2 jobs failed for good', '1 mail failed'])
})

t.test('an outage while draining is waited through; one that stays is said', async (t) => {
  const desk = await startFakeDesk(t)
  const [deps, file] = [fakeTime(), rowsFile(t, 2)]
  const route = 'GET /admin/pipeline'
  let asked = 0
  desk.figures = () => {
    if (asked++ === 0) desk.overrides.set(route, { status: 500, body: {} })
    return DRAINED
  }
  const { wait } = deps
  deps.wait = async (ms) => {
    await wait(ms)
    if (deps.waits.length === 3) desk.overrides.clear()
  }
  const ended = await replayed(desk.url, [file], deps)
  t.match(ended, { code: 0, summary: { created: 2, owed: 0 } })

  asked = 0
  const gone = await replayed(desk.url, [file, '--timeout', '5'], fakeTime())
  t.equal(gone.code, 1)
  t.match(gone.summary, { created: 2, owed: null, assigned: null, lost: null, duplicates: null })
  t.same(gone.summary.problems, ['what became of the tickets could not be read: the server was gone'])
})

t.test('a server that is not there, or not ours, is one sentence', async (t) => {
  const desk = await startFakeDesk(t)
  const file = rowsFile(t, 1)
  const failsWith = async (message: RegExp, url = desk.url) => {
    await t.rejects(replayed(url, [file]), { message })
    t.equal(desk.tickets.length, 0)
  }
  await failsWith(/does not answer \(connection refused\)\. Start it with npm start/, await closedAddress())
  desk.overrides.set('POST /auth/login', { status: 401, body: { detail: 'Wrong password' } })
  await failsWith(/^no summary: user1@example\.com cannot sign in: Wrong password\n$/)
  desk.overrides.clear()
  desk.overrides.set('GET /admin/pipeline', { status: 403, body: { detail: 'For admins' } })
  await failsWith(/cannot begin: the pipeline's figures were refused: For admins/)
  desk.overrides.set('GET /admin/pipeline', { status: 200, body: { owed: 0 } })
  await failsWith(/figures lack "dead"/)
})
