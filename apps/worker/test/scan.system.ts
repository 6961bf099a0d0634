import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Actor } from '@servicedesk/core'
import { notificationPreferences } from '@servicedesk/db'
import { freePort } from '@servicedesk/dev'
import {
  createTestDesk,
  deskEnvironment,
  EICAR,
  startAppProcess,
  startOwnClamd,
  until,
} from '@servicedesk/testing'
import t from 'tap'
import { startMailServer } from './helpers/mail-server.ts'

const clamd = await startOwnClamd(t, '2M')
const mail = await startMailServer(t)
const desk = await createTestDesk(t, { config: { scanner: clamd.settings } })
const requester = await desk.person('Normal User', { email: 'requester@test.example' })
const supervisor = await desk.person('Technical Supervisor', { email: 'supervisor@test.example' })
for (const { id } of [requester, supervisor]) {
  const wish = { userId: id, alertType: 'file_rejected' as const, inApp: true, email: true }
  await desk.db.insert(notificationPreferences).values(wish)
}
const wanted = { title: 'Screen is black', description: 'It was fine yesterday evening.' }
const ticket = await desk.core.tickets.create(requester, wanted)
const port = await freePort()
await startAppProcess(t, 'api', {
  ...deskEnvironment(desk),
  JWT_SECRET_KEY: desk.config.secret,
  PORT: String(port),
  LOG_LEVEL: 'error',
})
await startAppProcess(t, 'worker', { ...deskEnvironment(desk), SMTP_URL: mail.url, LOG_LEVEL: 'fatal' })

const ask = (path: string, who: Actor = requester, body?: FormData) =>
  fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
    headers: desk.as(who),
    ...(body === undefined ? {} : { method: 'POST', body }),
  })
async function upload(name: string, content: Buffer): Promise<{ id: string }> {
  const body = new FormData()
  body.append('ticket_id', String(ticket.id))
  body.append('file', new File([new Uint8Array(content)], name))
  const answer = await ask('/files/upload', requester, body)
  const file = (await answer.json()) as { id: string; status: string }
  if (answer.status !== 201 || file.status !== 'scanning') throw new Error(JSON.stringify(file))
  return file
}
const statusOf = async (id: string) => {
  const files = (await (await ask(`/files/ticket/${ticket.id}`)).json()) as { id: string; status: string }[]
  return files.find((file) => file.id === id)?.status
}
const becomes = (id: string, status: string) =>
  until(`the file to be ${status}`, async () => (await statusOf(id)) === status)
const download = (id: string) => ask(`/files/${id}/download`)
const alertsOf = async (who: Actor) =>
  (await (await ask('/alerts/me', who)).json()) as {
    alert_type: string
    message: string
    ticket_id: string
  }[]

t.test('a real virus scanner finds the test virus: nobody gets it, and who should know knows', async (t) => {
  const { id } = await upload('invoice.txt', Buffer.from(EICAR))
  await becomes(id, 'infected')
  const answer = await download(id)
  t.equal(answer.status, 403)
  t.match(await answer.json(), { code: 'file_infected' })
  for (const who of [requester, supervisor]) {
    const about = (await alertsOf(who)).filter((alert) => alert.alert_type === 'file_rejected')
    t.match(about, [{ message: /^invoice\.txt .*Eicar-Test-Signature/, ticket_id: ticket.ticket_id }])
    const mails = () =>
      mail.mails.filter((text) => text.includes(`To: ${who.email}`) && text.includes('invoice.txt'))
    await until('the mail', async () => mails().length > 0)
    t.equal(mails().length, 1)
    t.match(mails(), [/Eicar-Test-Signature/])
  }
})

t.test('a clean photograph is ready, with its thumbnail', async (t) => {
  const path = '../../../packages/files/test/fixtures/Landscape_6.jpg'
  const photograph = await readFile(fileURLToPath(new URL(path, import.meta.url)))
  const { id } = await upload('photo.jpg', photograph)
  await becomes(id, 'ready')
  t.ok(Buffer.from(await (await download(id)).arrayBuffer()).equals(photograph))
  const thumbnail = await until('its thumbnail', async () => {
    const answer = await ask(`/files/${id}/thumbnail`)
    return answer.status === 200 && answer
  })
  t.match(thumbnail.headers.get('content-type'), /^image\//)
})

t.test('what is beyond its limit fails for good, however far the sending got', async (t) => {
  for (const megabytes of [3, 8, 20]) {
    const { id } = await upload('long.log', Buffer.alloc(megabytes * 1024 ** 2, 'a line of a log\n'))
    await becomes(id, 'failed')
    t.equal((await download(id)).status, 404, `${megabytes} MB`)
  }
})

t.test('killed, it lets nothing through; started again, it settles what waited, unasked', async (t) => {
  await clamd.kill()
  const clean = await upload('clean.txt', Buffer.from('nothing in here'))
  const bad = await upload('bad.txt', Buffer.from(EICAR))
  await until('a try of both to fail', async () => {
    const jobs = await desk.queues.files.getDelayed()
    return jobs.filter((job) => job.attemptsMade >= 1).length === 2
  })
  for (const { id } of [clean, bad]) {
    t.equal(await statusOf(id), 'scanning')
    t.equal((await download(id)).status, 409)
  }
  await clamd.start()
  await Promise.all([becomes(clean.id, 'ready'), becomes(bad.id, 'infected')])
  t.equal(await (await download(clean.id)).text(), 'nothing in here')
  t.equal((await download(bad.id)).status, 403)
})
