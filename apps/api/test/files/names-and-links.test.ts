import { linkExpiry, signFileLink } from '@servicedesk/files'
import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { PNG } from '../helpers/pictures.ts'
import { isProblem } from '../helpers/problem.ts'
import { storedFiles } from '../helpers/rows.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const send = sender(desk, await desk.person('Normal User'))
const nobody = sender(desk)
const ticket = await makeTicket(send)

/** Uploads with exactly this name in the part's header, as no well-behaved client would. */
async function uploadAs(name: string, content: Buffer | string = 'A note') {
  const part = (header: string) => `--b\r\nContent-Disposition: form-data; ${header}\r\n\r\n`
  const payload = Buffer.concat([
    Buffer.from(`${part('name="ticket_id"')}${ticket.id}\r\n${part(`name="file"; filename="${name}"`)}`),
    Buffer.from(content),
    Buffer.from('\r\n--b--\r\n'),
  ])
  return send('POST', '/files/upload', payload, { 'content-type': 'multipart/form-data; boundary=b' })
}
const linkOf = async (id: string): Promise<string> => {
  const timeline = (await send('GET', `/messages/ticket/${ticket.id}/timeline`)).json()
  const entry = timeline.find((each: { file_info?: { id: string } }) => each.file_info?.id === id)
  return entry.image_url.replace('http://desk.test/api/v1', '')
}

t.test('hostile names are made harmless, and never leave the store', async (t) => {
  for (const [given, kept] of [
    ['../../../etc/passwd.txt', 'passwd.txt'],
    ['..\\\\..\\\\windows\\\\win.txt', 'win.txt'],
    ['/etc/cron.d/job.txt', 'job.txt'],
    ['C:\\\\logs\\\\app.LOG', 'app.LOG'],
    ['a\u0000b.txt', 'ab.txt'],
    ['bell\u0007\u001b[31m.txt', 'bell[31m.txt'],
    ['evil\u202egnp.txt', 'evilgnp.txt'],
    ['...hidden.txt', 'hidden.txt'],
    ['Prüfbericht 🖨 №7.txt', 'Prüfbericht 🖨 №7.txt'],
    ['<img src=x onerror=alert(1)>.txt', '<img src=x onerror=alert(1)>.txt'],
    ['100% #1?.txt', '100% #1?.txt'],
    [`${'ü'.repeat(300)}.txt`, `${'ü'.repeat(125)}.txt`],
  ] as const) {
    const answer = await uploadAs(given)
    t.equal(answer.statusCode, 201, JSON.stringify([given, answer.body]))
    t.equal(answer.json().filename, kept)
    const download = await send('GET', `/files/${answer.json().id}/download`)
    const header = String(download.headers['content-disposition'])
    t.match(header, /^attachment; filename="[^"\\\r\n]*"; filename\*=UTF-8''[\w.~!%-]+$/, 'one line of ASCII')
    t.equal(decodeURIComponent(header.split("UTF-8''")[1] ?? ''), kept, 'which says the whole name')
  }
  for (const path of storedFiles(desk)) {
    t.match(path.slice(desk.config.dataDir.length), /^\/files\/[\w/-]+\/original$/, 'no name is a path')
  }
})

t.test('a link in the timeline shows a picture to whoever has it, on any origin', async (t) => {
  for (const name of ['screen.png', 'Größe 100% #1?.png']) {
    const { id } = (await uploadAs(name, PNG)).json()
    const link = await linkOf(id)
    t.ok(link.endsWith(`/${encodeURIComponent(name)}`))
    const answer = await nobody('GET', link)
    t.equal(answer.statusCode, 200)
    t.ok(answer.rawPayload.equals(PNG))
    t.match(answer.headers, {
      'content-type': 'image/png',
      'content-disposition': /^inline;/,
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'content-security-policy': /sandbox/,
    })
    const part = await nobody('GET', link, undefined, { range: 'bytes=0-3' })
    t.match(part, { statusCode: 206, headers: { 'content-range': `bytes 0-3/${PNG.length}` } })
  }
})

t.test('links that are forged, expired, or of another file show nothing', async (t) => {
  const [one, two] = [(await uploadAs('one.png', PNG)).json(), (await uploadAs('two.png', PNG)).json()]
  const link = await linkOf(one.id)
  const [, , , , token = ''] = link.split('/')
  const [variant, expiry, signature = ''] = token.split('.')
  const sign = (secret: string, expiresAt: Date) =>
    `/files/${signFileLink(secret, { id: one.id, variant: 'original', name: 'one.png', expiresAt }).replace('/', '/link/')}`
  const later = linkExpiry(new Date(), 3_600)
  t.equal((await nobody('GET', sign(desk.config.secret, later))).statusCode, 200, 'the same by hand')
  for (const [what, path] of [
    ['another file', link.replace(one.id, two.id)],
    ['another name', link.replace('one.png', 'one.html')],
    ['a later end', link.replace(`${expiry}`, String(Number(expiry) + 60))],
    ['another variant', link.replace(`${variant}.`, 'thumb-150.')],
    [
      'another signature',
      link.replace(
        signature,
        signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
      ),
    ],
    ['no signature', link.replace(`.${signature}`, '')],
    ['an empty token', link.replace(token, '%20')],
    ['another secret', sign('another secret of the tests, long enough', later)],
    ['expired', sign(desk.config.secret, new Date(Date.now() - 1_000))],
    ['no file', link.replaceAll(one.id, '../../secret')],
  ] as const) {
    const answer = await nobody('GET', path)
    isProblem(t, answer, 404, 'not_found', what)
    t.not(answer.headers['cross-origin-resource-policy'], 'cross-origin', what)
  }
  await send('DELETE', `/files/${one.id}`)
  isProblem(t, await nobody('GET', link), 404, 'not_found', 'deleted')
})

t.test('names in forms of browsers: quotes and line ends are escaped by them', async (t) => {
  const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [
    { name: 'a"b\r\nX-Evil: 1.txt', content: 'x' },
  ])
  const answer = await send('POST', '/files/upload', payload, headers)
  t.equal(answer.statusCode, 201)
  const download = await send('GET', `/files/${answer.json().id}/download`)
  t.equal(download.headers['x-evil'], undefined)
  t.match(download.headers['content-disposition'], /^attachment; filename="[^"]*\.txt"; /)
})
