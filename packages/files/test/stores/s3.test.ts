import { text } from 'node:stream/consumers'
import { CreateMultipartUploadCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import t, { type Test } from 'tap'
import { StoreFailed } from '../../src/errors.ts'
import { createS3Store } from '../../src/stores/s3.ts'
import type { FileStore } from '../../src/stores/store.ts'
import { s3Server } from '../helpers/s3-server.ts'
import { inPieces } from '../helpers/sources.ts'

const KEY = 'ab/018f3c5e-ab/original'
const server = await s3Server(t)
const config = server.config()

/** How everything that a store can do fails. */
async function failures(t: Test, store: FileStore): Promise<Error[]> {
  const outcomes = await Promise.allSettled([
    store.put(KEY, Buffer.from('x')),
    store.put(KEY, inPieces(Buffer.alloc(6 * 1024 ** 2))),
    store.open(KEY),
    store.stat(KEY),
    store.remove(KEY),
    store.list()[Symbol.asyncIterator]().next(),
  ])
  const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : 'none'))
  for (const reason of reasons) t.type(reason, StoreFailed)
  return reasons
}

t.test('a server that refuses: errors name what happened and hold no secret', async (t) => {
  const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'hush-hush' }
  for (const reason of await failures(t, createS3Store({ ...config, credentials }))) {
    t.match(reason.message, /^S3: \w+ \(\w+, 403\)$/)
    t.notMatch(JSON.stringify({ ...reason, stack: reason.stack, cause: reason.cause }), /hush|S3RVER/)
  }
  t.same(server.files(), [])
})

t.test('a bucket that is not there is a failure, and no file that is missing', async (t) => {
  const store = createS3Store({ ...config, bucket: 'nowhere' })
  await t.rejects(store.open(KEY), { message: 'S3: open (NoSuchBucket, 404)' })
  await t.rejects(store.put(KEY, Buffer.from('x')), { message: 'S3: put (NoSuchBucket, 404)' })
})

t.test('a server that stays silent is given up', async (t) => {
  // One of its own: what it did not answer it may still do, after nobody waits any more.
  const silent = await s3Server(t)
  silent.state.fault = 'silence'
  const store = createS3Store({ ...silent.config(), timeout: 50 })
  for (const { message } of await failures(t, store))
    t.match(message, /^S3: \w+ \(TimeoutError, no answer\)$/)
})

t.test('a server that is away', async (t) => {
  const store = createS3Store({ ...config, endpoint: 'http://127.0.0.1:1' })
  for (const { message } of await failures(t, store)) t.match(message, /ECONNREFUSED, no answer/)
})

t.test('content that stops half way fails while it is read', async (t) => {
  await createS3Store(config).put(KEY, Buffer.alloc(100_000, 'x'))
  const store = createS3Store({ ...config, timeout: 50 })
  for (const [fault, said] of [
    ['break-off', /broke off/],
    ['stall', /silent for too long/],
  ] as const) {
    server.state.fault = fault
    const content = await store.open(KEY)
    await t.rejects(text(content), { name: 'StoreFailed', message: said }, fault)
  }
  server.state.fault = undefined
  await store.remove(KEY)
})

t.test(
  'what killed processes left of their uploads is forgotten after a while, and nobody else’s',
  async (t) => {
    const store = createS3Store(config)
    const { credentials, endpoint, region, bucket: Bucket, prefix } = config
    const client = new S3Client({
      ...(credentials && { credentials }),
      endpoint,
      region,
      forcePathStyle: true,
    } as never)
    t.teardown(() => client.destroy())
    for (const Key of [`${prefix}/${KEY}`, `elsewhere/${KEY}`]) {
      const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
      await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'half a file' }))
    }
    const before = server.files().length
    t.equal(await store.sweepTemporary?.(new Date(Date.now() - 60_000)), 0, 'one may still go on')
    t.equal(server.files().length, before)
    t.equal(await store.sweepTemporary?.(new Date(Date.now() + 60_000)), 1)
    t.ok(server.files().length < before)
    t.equal(await store.sweepTemporary?.(new Date(Date.now() + 60_000)), 0)

    server.state.fault = 'unknown'
    t.equal(await store.sweepTemporary?.(new Date(Date.now() + 60_000)), 0, 'a server that keeps no list')
    server.state.fault = 'error'
    await t.rejects(async () => store.sweepTemporary?.(new Date()), StoreFailed)
    server.state.fault = undefined
  },
)
