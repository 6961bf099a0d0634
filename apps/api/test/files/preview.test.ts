import assert from 'node:assert/strict'
import { createTestDesk } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { PNG } from '../helpers/pictures.ts'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const desk = await createTestDesk(t)
const send = sender(desk, await desk.person('Normal User'))
const ticket = await makeTicket(send)
const previewOf = async (name: string, content: Buffer | string) => {
  const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [{ name, content }])
  const file = (await send('POST', '/files/upload', payload, headers)).json()
  const answer = await send('GET', `/files/${file.id}/preview`)
  assert.equal(answer.statusCode, 200, name)
  return { file, preview: answer.json() }
}

t.test('a text shows its beginning', async (t) => {
  const { file, preview } = await previewOf('note.txt', 'It began on Monday.\n')
  const { download_url: _, status: __, ...shown } = file
  t.same(preview, { ...shown, can_preview: true, text_preview: 'It began on Monday.\n' })
  for (const name of ['a.log', 'a.csv', 'a.py', 'a.js', 'a.html', 'a.css', 'a.json', 'a.xml', 'a.sql']) {
    const { preview } = await previewOf(name, 'a = 1')
    t.match(preview, { can_preview: true, text_preview: 'a = 1' }, name)
  }
})

t.test('5,000 characters, whatever their bytes', async (t) => {
  for (const character of ['x', 'ü', '漢', '👍']) {
    const { preview } = await previewOf('long.txt', character.repeat(5_001))
    t.equal(preview.text_preview, character.repeat(5_000), character)
    const whole = await previewOf('whole.txt', `${character.repeat(4_999)}.`)
    t.equal(whole.preview.text_preview, `${character.repeat(4_999)}.`)
  }
  const mixed = await previewOf('mixed.txt', `x${'👍'.repeat(6_000)}`)
  t.equal(mixed.preview.text_preview, `x${'👍'.repeat(4_999)}`, 'none is cut in the middle')
})

t.test('other encodings, by their mark; bytes of none are no error', async (t) => {
  const text = 'Grüße aus 東京'
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le')
  for (const [name, content] of [
    ['bom.txt', `\ufeff${text}`],
    ['le.txt', utf16],
    ['be.txt', Buffer.from(utf16).swap16()],
  ] as const) {
    t.equal((await previewOf(name, content)).preview.text_preview, text, name)
  }
  const latin = Buffer.from('Grüße', 'latin1')
  t.equal((await previewOf('latin.txt', latin)).preview.text_preview, 'Grüße')
})

t.test('text of 1 MB and more, and what is no text, shows none', async (t) => {
  const MB = 1024 ** 2
  t.match((await previewOf('small.log', 'x'.repeat(MB - 1))).preview, { can_preview: true })
  t.same((await previewOf('large.log', 'x'.repeat(MB))).preview.can_preview, false)
  const zip = Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)])
  const { preview } = await previewOf('empty.zip', zip)
  t.match(preview, { can_preview: false, category: 'archives' })
  t.notOk('text_preview' in preview || 'thumbnail_url' in preview)
})

t.test('a picture shows its thumbnail, until that has failed', async (t) => {
  const { file, preview } = await previewOf('screen.png', PNG)
  t.match(preview, { can_preview: true, thumbnail_url: `/api/v1/files/${file.id}/thumbnail` })
  t.notOk('text_preview' in preview)
  await desk.db.$client`UPDATE attachments SET thumbnail = 'failed' WHERE id = ${file.id}`
  const failed = (await send('GET', `/files/${file.id}/preview`)).json()
  t.equal(failed.can_preview, false)
  t.notOk('thumbnail_url' in failed)
})

t.test('whose content is not handed out yet, or at all, has no preview', async (t) => {
  const { file } = await previewOf('suspect.txt', 'A text')
  const get = () => send('GET', `/files/${file.id}/preview`)
  for (const [status, code, reason] of [
    ['scanning', 409, 'file_scanning'],
    ['infected', 403, 'file_infected'],
  ] as const) {
    await desk.db.$client`UPDATE attachments SET status = ${status} WHERE id = ${file.id}`
    isProblem(t, await get(), code, reason)
  }
  const stranger = sender(desk, await desk.person('Normal User'))
  isProblem(t, await stranger('GET', `/files/${file.id}/preview`), 404, 'not_found')
})
