import { readFileSync } from 'node:fs'
import { buildApp, createLinkMaker } from '@servicedesk/api'
import { createStores, readStorage } from '@servicedesk/files'
import { createTestDesk, startTestWorker, until } from '@servicedesk/testing'
import t from 'tap'
import { STORES } from '../../../../packages/files/test/helpers/stores.ts'
import { form } from '../helpers/form.ts'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, type Send, sender } from '../helpers/send.ts'

const PHOTO = readFileSync(
  new URL('../../../../packages/files/test/fixtures/Landscape_6.jpg', import.meta.url),
)
const CONTENT = '0123456789'
const opened = await Promise.all(STORES.map(async ({ name, open }) => ({ name, ...(await open(t)) })))
const [folder, , s3] = opened

/** With all of them, the given one current. */
const storageOf = (url: string) => {
  const older = opened.map((each) => each.url).join(' ')
  return readStorage({ STORAGE_URL: url, STORAGE_OLDER_URLS: older }, [], '/nonexistent')
}
const desk = await createTestDesk(t, { dispatch: true, config: { storage: storageOf(s3?.url ?? '') } })
const actor = await desk.person('Normal User')
await startTestWorker(t, desk, 'smtp://127.0.0.1:1')
const ticket = await makeTicket(sender(desk, actor))

/** The same desk's API with other settings, as after a restart. */
async function restarted(url: string, filesDelivery: 'stream' | 'redirect' = 'stream') {
  const config = { ...desk.config, storage: storageOf(url), filesDelivery }
  const { core, db, redis, queues } = desk
  const stores = createStores(config.storage)
  const link = createLinkMaker(config)
  const app = await buildApp({ config, core, db, redis, queues, stores, dispatch: () => undefined, link })
  await app.ready()
  t.teardown(() => app.close())
  return { app, send: sender({ ...desk, app }, actor) }
}
const upload = async (send: Send, name: string, content: Buffer | string) => {
  const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [{ name, content }])
  return send('POST', '/files/upload', payload, headers)
}

for (const { name, url, leftovers, breakDown } of opened) {
  t.test(`${name}: up, down, as a thumbnail, and gone`, async (t) => {
    const { send } = await restarted(url)
    const [note, photo] = [await upload(send, 'note.txt', CONTENT), await upload(send, 'a.jpg', PHOTO)]
    t.match([note.statusCode, photo.statusCode], [201, 201], note.body + photo.body)
    const get = (path: string, headers = {}) => send('GET', path, undefined, headers)
    const content = `/files/${note.json().id}/download`
    t.equal((await get(content)).body, CONTENT)
    t.match(await get(content, { range: 'bytes=3-5' }), { statusCode: 206, body: '345' })
    t.equal((await get(`/files/${note.json().id}/preview`)).json().text_preview, CONTENT)
    t.match(await send('HEAD', content), { statusCode: 200, headers: { 'content-length': '10' } })
    t.ok((await get(`/files/${photo.json().id}/download`)).rawPayload.equals(PHOTO))
    const small = `/files/${photo.json().id}/thumbnail`
    await until('the thumbnail is made', async () => (await get(small)).statusCode === 200)
    t.match((await get(small)).headers, { 'content-type': 'image/jpeg', 'cache-control': 'no-store' })

    await t.test('a store that is away is an answer, and content that is gone too', async (t) => {
      await breakDown(true)
      for (const path of [content, `/files/${note.json().id}/preview`, small]) {
        const answer = await get(path)
        isProblem(t, answer, 503, 'storage_unavailable', path)
        t.match(answer.headers['retry-after'], /^\d+$/)
        t.equal(answer.headers['content-disposition'], undefined)
      }
      isProblem(t, await upload(send, 'note.txt', CONTENT), 503, 'storage_unavailable')
      await breakDown(false)
      t.equal((await get(content)).statusCode, 200, 'and back')
      const stores = createStores(storageOf(url))
      const [row] = await desk.db.$client<{ storage_key: string }[]>`
        SELECT storage_key FROM attachments WHERE id = ${note.json().id}`
      await stores.of(stores.current).remove(row?.storage_key ?? '')
      for (const [method, path] of [
        ['GET', content],
        ['HEAD', content],
        ['GET', `/files/${note.json().id}/preview`],
      ] as const) {
        const answer = await send(method, path)
        t.equal(answer.statusCode, 404, `${method} ${path}`)
      }
      isProblem(t, await get(content), 404, 'not_found')
    })

    await t.test('gone', async (t) => {
      await send('DELETE', `/files/${photo.json().id}`)
      isProblem(t, await get(small), 404, 'not_found')
      t.ok((await leftovers()).length >= 1, 'the bytes go with the orphan sweep')
    })
  })
}

t.test('switching: what was stored before stays readable, there and back', async (t) => {
  const urls = [folder?.url ?? '', s3?.url ?? '', folder?.url ?? '']
  const ids: string[] = []
  for (const url of urls) {
    const { send } = await restarted(url)
    ids.push((await upload(send, 'note.txt', CONTENT)).json().id)
    for (const id of ids) t.equal((await send('GET', `/files/${id}/download`)).body, CONTENT)
  }
  const rows = await desk.db
    .$client`SELECT store FROM attachments WHERE id IN ${desk.db.$client(ids)} ORDER BY created_at, id`
  const names = rows.map((row) => String(row.store))
  t.equal(new Set(names).size, 2, 'rows name their store')
  t.notMatch(names.join(), /S3RVER/, 'without its secret')

  const { send } = await restarted(folder?.url ?? '')
  await desk.db.$client`UPDATE attachments SET store = 's3://forgotten' WHERE id = ${ids[0] ?? ''}`
  isProblem(t, await send('GET', `/files/${ids[0]}/download`), 503, 'storage_unavailable')
})

for (const { name, url } of opened) {
  t.test(`${name}: redirects, where there are links`, async (t) => {
    const { send, app } = await restarted(url, 'redirect')
    const { id } = (await upload(send, 'note.txt', CONTENT)).json()
    const shown = createLinkMaker(desk.config)({ id, filename: 'note.txt' }).replace('http://desk.test', '')
    for (const answer of [await send('GET', `/files/${id}/download`), await app.inject({ url: shown })]) {
      if (name === 'a folder') {
        t.match(answer, { statusCode: 200, body: CONTENT })
        continue
      }
      t.match(answer, { statusCode: 302, body: '', headers: { 'cache-control': 'no-store' } })
      const followed = await fetch(String(answer.headers.location))
      t.equal(await followed.text(), CONTENT)
      t.match(followed.headers.get('content-disposition'), /^attachment; filename="note.txt"/)
    }
    for (const [status, code, reason] of [
      ['scanning', 409, 'file_scanning'],
      ['infected', 403, 'file_infected'],
      ['failed', 404, 'not_found'],
    ] as const) {
      await desk.db.$client`UPDATE attachments SET status = ${status} WHERE id = ${id}`
      for (const path of ['download', 'preview', 'thumbnail']) {
        isProblem(t, await send('GET', `/files/${id}/${path}`), code, reason, `${status} ${path}`)
      }
      const answer = await app.inject({ url: shown })
      t.match(answer, { statusCode: code, headers: { location: undefined } }, `${status} by link`)
    }
  })
}
