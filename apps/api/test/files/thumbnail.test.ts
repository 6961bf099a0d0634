import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { examineFile } from '@servicedesk/files'
import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { pngOf } from '../helpers/pictures.ts'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

/** 1800×1200 as it should be seen, lying on its side in the file, with EXIF. */
const PHOTO = readFileSync(
  new URL('../../../../packages/files/test/fixtures/Landscape_6.jpg', import.meta.url),
)
const sizeOf = (picture: Buffer, type: string) =>
  examineFile(Readable.from([picture]), { filename: `a.${type.slice(6)}`, declaredType: type })
/** Its structure holds, and its pixels are more than the thumbnailer decodes. */
const UNDECODABLE = pngOf(9_000, 9_000)
const desk = await createTestDesk(t, { dispatch: true })
const send = sender(desk, await desk.person('Normal User'))
const ticket = await makeTicket(send)
const upload = async (name: string, content: Buffer | string) => {
  const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [{ name, content }])
  return (await send('POST', '/files/upload', payload, headers)).json()
}

t.test('404 for what has none, 202 with Retry-After while it is made, then the picture', async (t) => {
  const note = await upload('note.txt', 'A note')
  isProblem(t, await send('GET', `/files/${note.id}/thumbnail`), 404, 'not_found')
  const photo = await upload('photo.jpg', PHOTO)
  const broken = await upload('broken.png', UNDECODABLE)
  const get = (id: string, query = '', accept = 'image/webp,*/*') =>
    send('GET', `/files/${id}/thumbnail${query}`, undefined, { accept })
  for (const { id } of [photo, broken]) {
    const pending = await get(id)
    t.equal(pending.statusCode, 202)
    t.match(pending.headers['retry-after'], /^\d+$/)
    t.match(pending.json(), { message: String })
  }

  await startTestWorker(t, desk, 'smtp://127.0.0.1:1')
  await until('the thumbnails are made', async () => (await get(photo.id)).statusCode === 200)
  for (const [query, width, height] of [
    ['', 150, 100],
    ['?size=150', 150, 100],
    ['?size=300', 300, 200],
    ['?size=600', 600, 400],
  ] as const) {
    for (const [accept, type] of [
      ['image/webp,*/*', 'image/webp'],
      ['image/jpeg', 'image/jpeg'],
      ['*/*', 'image/jpeg'],
    ] as const) {
      const answer = await get(photo.id, query, accept)
      t.match(answer.headers, { 'content-type': type, vary: /Accept/, 'x-content-type-options': 'nosniff' })
      const seen = await sizeOf(answer.rawPayload, type)
      t.match(seen, { width, height }, `${query} ${accept}, upright`)
      t.notOk(answer.rawPayload.includes('Exif'), 'no metadata')
    }
  }
  for (const size of ['0', '151', '1000', 'x']) {
    isProblem(t, await get(photo.id, `?size=${size}`), 400, 'validation_failed', size)
  }

  await until('the broken one is given up', async () => (await get(broken.id)).statusCode === 404)
  isProblem(t, await get(broken.id), 404, 'not_found')
  const listed = (await send('GET', `/files/ticket/${ticket.id}`)).json()
  const shown = Object.fromEntries(
    listed.map((file: { filename: string; thumbnail_url?: string }) => [file.filename, file.thumbnail_url]),
  )
  t.same(shown, {
    'note.txt': undefined,
    'photo.jpg': `/api/v1/files/${photo.id}/thumbnail`,
    'broken.png': undefined,
  })
  t.equal(
    (await send('GET', `/files/${broken.id}/download`)).statusCode,
    200,
    'its bytes are still to be had',
  )
})
