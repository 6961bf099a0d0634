import { readFileSync } from 'node:fs'
import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { PNG } from '../helpers/pictures.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const PHOTO = readFileSync(
  new URL('../../../../packages/files/test/fixtures/Landscape_6.jpg', import.meta.url),
)
const GIF = Buffer.from('R0lGODlhAQABAIAAAP8AAAAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')
const PAGE = Buffer.from('<html><script>alert("tail")</script></html>')
/** An archive of one stored file, with its directory. */
const ARCHIVE = Buffer.from(
  `PK\x03\x04\x0a${'\0'.repeat(21)}\x04\0\0\0tailPK\x01\x02${'\0'.repeat(42)}PK\x05\x06${'\0'.repeat(18)}`,
  'latin1',
)
const FILM = Buffer.concat([
  Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'),
  Buffer.from('\0\0\x40\x08mdattail', 'latin1'),
  Buffer.alloc(16_000, 7),
])

const desk = await createTestDesk(t, { dispatch: true })
const send = sender(desk, await desk.person('Normal User'))
const ticket = await makeTicket(send)
await startTestWorker(t, desk, 'smtp://127.0.0.1:1')

for (const [what, name, type, picture, tail] of [
  ['a JPEG that is also a zip', 'a.jpg', 'image/jpeg', PHOTO, ARCHIVE],
  ['a JPEG that is also a page', 'b.jpg', 'image/jpeg', PHOTO, PAGE],
  ['a motion photo', 'c.jpeg', 'image/jpeg', PHOTO, FILM],
  ['a GIF that is also a page', 'd.gif', 'image/gif', GIF, PAGE],
  ['a PNG that is also a zip', 'e.png', 'image/png', PNG, ARCHIVE],
] as const) {
  t.test(`${what}: kept, served as the picture, its thumbnails without the tail`, async (t) => {
    const content = Buffer.concat([picture, tail])
    const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [{ name, type, content }])
    const answer = await send('POST', '/files/upload', payload, headers)
    t.equal(answer.statusCode, 201, answer.body)
    const { id, mime_type } = answer.json()
    t.equal(mime_type, type)
    const timeline = (await send('GET', `/messages/ticket/${ticket.id}/timeline`)).json()
    const { image_url } = timeline.find((each: { file_info?: { id: string } }) => each.file_info?.id === id)
    const link = new URL(image_url).pathname.slice('/api/v1'.length)
    for (const path of [`/files/${id}/download`, link]) {
      const served = await send('GET', path)
      t.ok(served.rawPayload.equals(content), 'the original as it came')
      t.match(served.headers, {
        'content-type': type,
        'x-content-type-options': 'nosniff',
        'content-security-policy': /default-src 'none'; sandbox/,
      })
    }
    for (const [size, accept] of [
      [150, 'image/webp'],
      [600, 'image/jpeg'],
    ] as const) {
      const get = () => send('GET', `/files/${id}/thumbnail?size=${size}`, undefined, { accept })
      const thumbnail = await until('the thumbnail', async () => {
        const found = await get()
        return found.statusCode === 202 ? false : found
      })
      t.equal(thumbnail.statusCode, 200)
      t.equal(thumbnail.headers['content-type'], accept)
      t.notOk(thumbnail.rawPayload.includes('tail'))
      const end =
        accept === 'image/webp' ? thumbnail.rawPayload.readUInt32LE(4) + 8 : thumbnail.rawPayload.length
      t.equal(thumbnail.rawPayload.length, end)
      if (accept === 'image/jpeg') t.equal(thumbnail.rawPayload.indexOf(Buffer.from([0xff, 0xd9])), end - 2)
    }
  })
}
