import { mock } from 'node:test'
import t from 'tap'
import { createCloudinaryStore } from '../../src/stores/cloudinary.ts'
import { createS3Store } from '../../src/stores/s3.ts'
import type { FileStore, LinkOptions } from '../../src/stores/store.ts'
import { fakeCloudinary } from '../helpers/fake-cloudinary.ts'
import { red } from '../helpers/red.ts'
import { s3Server } from '../helpers/s3-server.ts'

const KEY = 'ab/018f3c5e-ab/original'
const TEXT: LinkOptions = {
  expiresIn: 60,
  filename: 'Größe & "Maß".txt',
  mimeType: 'text/plain',
  disposition: 'attachment',
}
const PICTURE: LinkOptions = { ...TEXT, filename: 'red.png', mimeType: 'image/png', disposition: 'inline' }
const PNG = await red()
const cloudinary = await fakeCloudinary(t, 'cloud-secret')
const s3 = await s3Server(t)
const { authTokenKey } = cloudinary
const stores = {
  Cloudinary: createCloudinaryStore({ ...cloudinary.config, folder: 'desk' }),
  'Cloudinary with tokens': createCloudinaryStore({ ...cloudinary.config, folder: 'desk', authTokenKey }),
  S3: createS3Store(s3.config()),
}

/** What a browser gets; the delivery network is part of the fake. */
async function follow(url: string) {
  const answer = await fetch(url.replace('https://res.cloudinary.com', cloudinary.url))
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) }
}
const link = (store: FileStore, options: LinkOptions) => store.link?.(KEY, options) ?? Promise.reject('none')

/** Does something as it would have been done then. */
async function minutesAgo<T>(minutes: number, act: () => Promise<T>): Promise<T> {
  mock.timers.enable({ apis: ['Date'], now: Date.now() - minutes * 60_000 })
  try {
    return await act()
  } finally {
    mock.timers.reset()
  }
}

for (const [name, store] of Object.entries(stores)) {
  t.test(`${name}: a link gives the bytes to whoever has it, until it expires`, async (t) => {
    for (const [options, content] of [
      [TEXT, Buffer.from('some text')],
      [PICTURE, PNG],
    ] as const) {
      await store.put(KEY, content, { isPicture: options === PICTURE })
      const url = await link(store, options)
      t.notMatch(url, /cloud-secret|S3RVER&|SecretAccess/)
      const answer = await follow(url)
      t.equal(answer.status, 200, url)
      t.ok(answer.body.equals(content))

      const late = await minutesAgo(2, () => link(store, options))
      t.match((await follow(late)).status, /40[13]/, 'expired')
      const other = url.replace('018f3c5e-ab', '018f3c5e-cd').replace('018f3c5e-ab', '018f3c5e-cd')
      t.match((await follow(other)).status, /40[13]/, 'of another key')
      const longer = url.replace(/(expires_at=|Expires=|exp=)\d+/, '$19999999')
      t.not(longer, url)
      t.match((await follow(longer)).status, /40[13]/, 'made to live longer')
      await store.remove(KEY)
      t.equal((await follow(url)).status, 404, 'the file is gone')
    }
    await t.rejects(async () => void (await store.link?.('../x', TEXT)), RangeError)
  })
}

t.test('links say how their answer is to be taken', async (t) => {
  await stores.S3.put(KEY, Buffer.from('x'))
  const answer = await follow(await link(stores.S3, TEXT))
  t.equal(answer.headers.get('content-type'), 'text/plain')
  t.equal(answer.headers.get('cache-control'), 'private, max-age=60')
  const disposition = answer.headers.get('content-disposition') ?? ''
  t.match(disposition, /^attachment; filename="Gr__e & _Ma__.txt"; filename\*=UTF-8''Gr%C3%B6%C3%9Fe/)

  await stores.Cloudinary.put(KEY, Buffer.from('x'))
  t.match(
    (await follow(await link(stores.Cloudinary, TEXT))).headers.get('content-disposition'),
    /^attachment; /,
  )
})

t.test('pictures come from the delivery network only with a token', async (t) => {
  const [plain, token] = [stores.Cloudinary, stores['Cloudinary with tokens']]
  t.match(
    await link(token, PICTURE),
    /^https:\/\/res\.cloudinary\.com\/demo\/image\/authenticated\/f_auto,q_auto\/v1\/desk\/ab\/.+__cld_token__=exp=\d+~hmac=/,
  )
  for (const url of [
    await link(plain, PICTURE),
    await link(token, TEXT),
    await link(token, { ...PICTURE, disposition: 'attachment' }),
  ]) {
    t.match(url, /\/(image|raw)\/download\?.*expires_at=\d+/, 'the address that expires')
    t.notMatch(url, /s--/, 'never the signature that does not')
  }
  const own = createCloudinaryStore({ ...cloudinary.config, authTokenKey, deliveryHost: 'files.example' })
  t.match(await link(own, PICTURE), /^https:\/\/files\.example\/image\/authenticated\/f_auto,q_auto\//)
})
