import { Readable } from 'node:stream'
import { FileMissing, StoreFailed } from '../errors.ts'
import { contentDisposition } from '../file-name.ts'
import { assertKey } from '../keys.ts'
import { readBody } from './body.ts'
import type { ByteRange, FileStore } from './store.ts'
import { watchSource } from './upload-source.ts'

export interface S3Config {
  bucket: string
  /** Comes before every key, without slashes at its ends; empty for none. */
  prefix: string
  region: string
  /** The address of a server that is not AWS; it gets the bucket in the path. */
  endpoint?: string
  /** Without them the SDK looks where AWS's tools do: environment, shared files, the machine's role. */
  credentials?: { accessKeyId: string; secretAccessKey: string }
  /** Milliseconds that the server may stay silent before a call fails; 30,000 by default. */
  timeout?: number
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>

/** The smallest that S3 allows, and one at a time: this is what an upload holds in memory. */
const PART_BYTES = 5 * 1024 ** 2

/** Twice that is less than the API gives itself for an answer. */
const READ_TIMEOUT_MS = 6_000

async function loadSdk() {
  const [client, storage, presigner] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/lib-storage'),
    import('@aws-sdk/s3-request-presigner'),
  ])
  return { ...client, Upload: storage.Upload, getSignedUrl: presigner.getSignedUrl }
}

/** Creates a store in a bucket of S3 or of a server that speaks its protocol. The SDK is loaded by the first call. */
export function createS3Store(config: S3Config): FileStore {
  const { bucket: Bucket, timeout = 30_000 } = config
  // Of one of two tries: somebody waits for an answer, and what is read begins at once or not at all.
  const requestTimeout = Math.min(timeout, READ_TIMEOUT_MS)
  const lead = config.prefix === '' ? '' : `${config.prefix}/`
  let connecting: Promise<{ sdk: Sdk; client: InstanceType<Sdk['S3Client']> }> | undefined
  const connect = () => {
    connecting ??= loadSdk().then((sdk) => ({ sdk, client: createClient(sdk, config, timeout) }))
    return connecting
  }
  const at = (key: string) => {
    assertKey(key)
    return { Bucket, Key: lead + key }
  }

  return {
    async put(key, source) {
      const place = at(key)
      const watched = watchSource(source)
      const { sdk, client } = await connect()
      const upload = new sdk.Upload({
        client,
        params: { ...place, Body: watched.body },
        partSize: PART_BYTES,
        queueSize: 1,
        leavePartsOnError: false,
      })
      // It tells servers to forget the parts before it throws.
      await upload.done().catch((error) => watched.fail(failure('put', error)))
      return { bytes: watched.bytes() }
    },

    async open(key, range) {
      const { sdk, client } = await connect()
      const Range = range && `bytes=${range.start}-${range.end}`
      const command = new sdk.GetObjectCommand({ ...at(key), ...(Range ? { Range } : {}) })
      const answer = await client.send(command, { requestTimeout }).catch((error: unknown) => {
        const { name, status } = nameOf(error)
        if (range && status === 416) return null
        throw name === 'NoSuchKey' ? new FileMissing(key) : failure('open', error)
      })
      if (answer === null) return Readable.from([])
      if (!(answer.Body instanceof Readable)) throw new StoreFailed('S3: open (no content)')
      return readBody(answer.Body, { store: 'S3', timeout, cut: range && excess(range, answer.ContentRange) })
    },

    async stat(key) {
      const { sdk, client } = await connect()
      const command = new sdk.HeadObjectCommand(at(key))
      const answer = await client.send(command, { requestTimeout }).catch((error: unknown) => {
        // An answer to HEAD has no body, so a bucket that is not there looks the same as a key that is not.
        if (nameOf(error).status === 404) return null
        throw failure('stat', error)
      })
      return answer && { bytes: answer.ContentLength ?? 0 }
    },

    async remove(key) {
      const { sdk, client } = await connect()
      await client.send(new sdk.DeleteObjectCommand(at(key))).catch((error) => {
        throw failure('remove', error)
      })
    },

    async *list() {
      const { sdk, client } = await connect()
      let next: string | undefined
      do {
        const page: { Bucket: string; Prefix: string; ContinuationToken?: string } = { Bucket, Prefix: lead }
        if (next !== undefined) page.ContinuationToken = next
        const answer = await client.send(new sdk.ListObjectsV2Command(page)).catch((error) => {
          throw failure('list', error)
        })
        for (const { Key, Size, LastModified } of answer.Contents ?? []) {
          if (Key === undefined || LastModified === undefined) continue
          yield { key: Key.slice(lead.length), bytes: Size ?? 0, storedAt: LastModified }
        }
        next = answer.NextContinuationToken
      } while (next !== undefined)
    },

    async sweepTemporary(olderThan) {
      const { sdk, client } = await connect()
      const answer = await client
        .send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: lead }))
        .catch((error: unknown) => {
          // Some servers keep no list of them, and their own ways of clearing up.
          if (nameOf(error).status === 501) return { Uploads: [] }
          throw failure('list uploads', error)
        })
      let swept = 0
      // A thousand a day are enough: only a process that is killed leaves one.
      for (const { Key, UploadId, Initiated } of answer.Uploads ?? []) {
        if (Initiated === undefined || Initiated >= olderThan) continue
        await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId })).catch((error) => {
          throw failure('abort', error)
        })
        swept += 1
      }
      return swept
    },

    async link(key, { expiresIn, filename, mimeType, disposition }) {
      const { sdk, client } = await connect()
      const command = new sdk.GetObjectCommand({
        ...at(key),
        ResponseContentDisposition: contentDisposition(disposition, filename),
        ResponseContentType: mimeType,
        ResponseCacheControl: `private, max-age=${expiresIn}`,
      })
      return sdk.getSignedUrl(client, command, { expiresIn }).catch((error) => {
        throw failure('link', error)
      })
    },
  }
}

function createClient(sdk: Sdk, { region, endpoint, credentials }: S3Config, timeout: number) {
  return new sdk.S3Client({
    region,
    ...(credentials ? { credentials } : {}),
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 2,
    // Other servers do not know the checksums that the SDK likes to add.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: timeout, requestTimeout: timeout, throwOnRequestTimeout: true },
  })
}

/** The range, when the server sent something else: one that knows no `bytes=0-0` sends everything. */
function excess(range: ByteRange, sent: string | undefined): ByteRange | undefined {
  const [, start, end] = /^bytes (\d+)-(\d+)\//.exec(sent ?? '') ?? []
  if (start === undefined || Number(end) > range.end || Number(start) < range.start) {
    const from = Number(start ?? 0)
    return { start: range.start - from, end: range.end - from }
  }
  return undefined
}

function nameOf(error: unknown): { name: string; status: number | undefined } {
  const { name, $metadata } = (error ?? {}) as { name?: string; $metadata?: { httpStatusCode?: number } }
  return { name: name ?? 'Error', status: $metadata?.httpStatusCode }
}

/** What went wrong, without the rest of the SDK's error: servers write keys and what was signed into theirs. */
function failure(what: string, error: unknown): StoreFailed {
  const { name, status } = nameOf(error)
  const { code } = (error ?? {}) as { code?: string }
  return new StoreFailed(
    `S3: ${what} (${name === 'Error' ? (code ?? name) : name}, ${status ?? 'no answer'})`,
  )
}
