import { Readable } from 'node:stream'
import { buildApp, createLinkMaker } from '@servicedesk/api'
import { createStores, type FileStore, StoreFailed } from '@servicedesk/files'
import { createTestDesk, type Teardown } from '@servicedesk/testing'
import t from 'tap'
import { form } from '../helpers/form.ts'
import { isProblem } from '../helpers/problem.ts'
import { makeTicket, sender } from '../helpers/send.ts'

const CONTENT = '0123456789'
const desk = await createTestDesk(t)
const send = sender(desk, await desk.person('Normal User'))
const ticket = await makeTicket(send)
const { payload, headers } = await form({ ticket_id: `${ticket.id}` }, [
  { name: 'note.txt', content: CONTENT },
])
const { id } = (await send('POST', '/files/upload', payload, headers)).json()
const path = `/files/${id}/download`
const get = (more: Record<string, string> = {}) => send('GET', path, undefined, more)
const link = createLinkMaker(desk.config)({ id, filename: 'note.txt' }).replace('http://desk.test/api/v1', '')

/** The address of an API whose store opens content in another way. */
async function listening(t: Teardown, open: FileStore['open']): Promise<string> {
  const { config, core, db, redis, queues } = desk
  const stores = createStores(config.storage)
  const broken = { ...stores, of: (name: string) => ({ ...stores.of(name), open }) }
  const deps = { config, core, db, redis, queues, stores: broken, dispatch: () => undefined }
  const app = await buildApp({ ...deps, link: createLinkMaker(config) })
  t.teardown(async () => void (await app.close()))
  return app.listen({ host: '127.0.0.1', port: 0 })
}

t.test('a version that the client has is not sent again', async (t) => {
  const { etag, 'cache-control': cache } = (await get()).headers
  t.match(etag, /^"[0-9a-f]{32}"$/)
  t.equal(cache, 'no-store')
  for (const known of [`${etag}`, `W/${etag}`, `"other", ${etag}`, '*']) {
    const answer = await get({ 'if-none-match': known })
    t.match(answer, { statusCode: 304, body: '', headers: { etag, 'cache-control': 'no-store' } }, known)
  }
  t.match(await get({ 'if-none-match': '"other"' }), { statusCode: 200, body: CONTENT })
})

t.test('a range of another version is no range', async (t) => {
  const etag = String((await get()).headers.etag)
  const range = 'bytes=2-4'
  t.match(await get({ range, 'if-range': etag }), { statusCode: 206, body: '234' })
  for (const other of ['"other"', `W/${etag}`, new Date().toUTCString()]) {
    t.match(await get({ range, 'if-range': other }), { statusCode: 200, body: CONTENT }, other)
    t.match(await get({ range: 'bytes=99-', 'if-range': other }), { statusCode: 200, body: CONTENT }, other)
  }
})

t.test('what a link shows may be kept as long as the link lives, and shown on any origin', async (t) => {
  const answer = await sender(desk)('GET', link)
  const [, seconds] = /^private, max-age=(\d+)$/.exec(String(answer.headers['cache-control'])) ?? []
  t.ok(Number(seconds) > 0 && Number(seconds) <= 7_200, String(seconds))
  t.equal(answer.headers['cross-origin-resource-policy'], 'cross-origin')
  for (const private_ of [await get(), await send('GET', `/files/${id}/preview`)]) {
    t.equal(private_.headers['cache-control'], 'no-store')
    t.not(private_.headers['cross-origin-resource-policy'], 'cross-origin')
  }
})

t.test('HEAD says what GET would', async (t) => {
  for (const [range, status, length] of [
    [undefined, 200, '10'],
    ['bytes=2-4', 206, '3'],
  ] as const) {
    const answer = await send('HEAD', path, undefined, range === undefined ? {} : { range })
    t.match(answer, { statusCode: status, body: '', headers: { 'content-length': length } })
  }
  isProblem(t, await get({ range: 'bytes=10-' }), 416, 'range_not_satisfiable')
})

t.test('HEAD opens nothing', async (t) => {
  const address = await listening(t, async () => Promise.reject(new Error('opened')))
  const answer = await fetch(`${address}/api/v1${link}`, { method: 'HEAD' })
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-length'), '10')
  t.equal((await fetch(`${address}/api/v1${link}`)).status, 500, 'as GET does')
})

t.test('content that breaks off ends the connection; before it began, it is an answer', async (t) => {
  async function* breaking(sent: string) {
    if (sent !== '') yield Buffer.from(sent)
    throw new StoreFailed('broken')
  }
  for (const [sent, status] of [
    ['', 503],
    ['01234', 200],
  ] as const) {
    const address = await listening(t, async () => Readable.from(breaking(sent), { objectMode: false }))
    const answer = await fetch(`${address}/api/v1${link}`)
    t.equal(answer.status, status)
    if (sent !== '') await t.rejects(answer.text(), 'the client is not left waiting, nor with half a file')
    else t.match(await answer.json(), { code: 'storage_unavailable' })
    t.equal(answer.headers.get('content-disposition') === null, sent === '')
  }
})
