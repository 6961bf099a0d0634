import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { UploadApiOptions, UploadApiResponse, v2 } from 'cloudinary'
import { FileMissing } from '../errors.ts'
import { assertKey } from '../keys.ts'
import { cutToRange } from './range.ts'
import { type ByteRange, expectFailure, type FileStore } from './store.ts'

export interface CloudinaryConfig {
  cloudName: string
  apiKey: string
  apiSecret: string
  /** Milliseconds that Cloudinary may stay silent before a call fails; 30,000 by default. */
  timeout?: number
}

type Sdk = typeof v2

// Files are opaque here, and only calls signed with the secret may read them.
const ASSET = { resource_type: 'raw', type: 'authenticated' } as const

/**
 * Creates a store on Cloudinary. Every call is signed with the given configuration. The SDK is loaded by the
 * first call, and decides there whether it speaks http or https (from its own environment variable), which only
 * a local fake needs.
 */
export function createCloudinaryStore(config: CloudinaryConfig): FileStore {
  const account = { cloud_name: config.cloudName, api_key: config.apiKey, api_secret: config.apiSecret }
  const timeout = config.timeout ?? 30_000
  const options = { ...ASSET, ...account, timeout }
  let loading: Promise<Sdk> | undefined
  const load = () => {
    loading ??= import('cloudinary').then((module) => module.v2)
    return loading
  }

  /** The response of a download, or null when nothing is stored under the key. */
  async function download(key: string, range?: ByteRange): Promise<Response | null> {
    assertKey(key)
    const sdk = await load()
    // The API's own download, not the delivery network: new accounts may not deliver PDF and ZIP from there.
    const url = sdk.utils.private_download_url(key, '', { ...ASSET, ...account })
    const response = await fetchWithin(timeout, url, range)
    if (response.ok) return response
    await response.body?.cancel()
    if (response.status === 404) return null
    throw new CloudinaryError('download', response.status)
  }

  return {
    async put(key, source) {
      assertKey(key)
      expectFailure(source)
      const sdk = await load()
      const stored = await withAgent(sdk, timeout, (agent) =>
        upload(sdk, source, {
          ...options,
          agent,
          public_id: key,
          overwrite: true,
          invalidate: true,
        }),
      )
      return { bytes: stored.bytes }
    },

    async open(key, range) {
      const response = await download(key, range)
      if (!response?.body) throw new FileMissing(key)
      const body = Readable.fromWeb(response.body)
      // A server may ignore Range and send everything.
      return range && response.status === 200 ? cutToRange(body, range) : body
    },

    async stat(key) {
      const response = await download(key, { start: 0, end: 0 })
      if (!response) return null
      await response.body?.cancel()
      const total = response.headers.get('content-range')?.split('/')[1]
      return { bytes: Number(total ?? response.headers.get('content-length')) }
    },

    async remove(key) {
      assertKey(key)
      const sdk = await load()
      const destroyOptions = { ...options, invalidate: true }
      const { result } = await sdk.uploader.destroy(key, destroyOptions).catch(refuse)
      if (result !== 'ok' && result !== 'not found') throw new CloudinaryError('removal', result)
    },

    async *list() {
      const sdk = await load()
      let cursor: string | undefined
      do {
        const page = await sdk.api
          .resources({
            ...options,
            max_results: 500,
            ...(cursor === undefined ? {} : { next_cursor: cursor }),
          })
          .catch(refuse)
        for (const { public_id, bytes, created_at } of page.resources) {
          yield { key: public_id, bytes, storedAt: new Date(created_at) }
        }
        cursor = page.next_cursor
      } while (cursor !== undefined)
    },
  }
}

/** What Cloudinary answered, without the rest of the SDK's rejections, which may hold the account's secret. */
class CloudinaryError extends Error {
  constructor(what: string, status: unknown) {
    super(`Cloudinary: ${what} (${String(status)})`)
    this.name = 'CloudinaryError'
  }
}

function refuse(rejection: unknown): never {
  const { message, http_code } = (rejection ?? {}) as { message?: unknown; http_code?: unknown }
  throw new CloudinaryError(String(message), http_code ?? 'no answer')
}

/** Sends the source as it comes. When it fails, the half-sent request is cut and Cloudinary keeps nothing. */
async function upload(
  sdk: Sdk,
  source: Readable | Buffer,
  options: UploadApiOptions,
): Promise<UploadApiResponse> {
  const failed = new AbortController()
  let sink: NodeJS.WritableStream | undefined
  const answer = new Promise<UploadApiResponse>((resolve, reject) => {
    sink = sdk.uploader.upload_stream({ ...options, disable_promises: true }, (error, result) => {
      if (result) resolve(result)
      else reject(error ?? new Error('no answer'))
    })
  }).catch(refuse)
  if (!sink) throw new Error('the SDK gave no stream to write to')

  const stream = Buffer.isBuffer(source) ? Readable.from([source]) : source
  try {
    const [result] = await Promise.all([answer, pipeline(stream, sink, { signal: failed.signal })])
    return result
  } catch (error) {
    failed.abort()
    throw error
  }
}

/**
 * Runs a call on a connection of its own, so that a failed call can be cut off at once: the SDK gives no other
 * hold on its requests.
 */
async function withAgent<T>(sdk: Sdk, timeout: number, call: (agent: HttpAgent) => Promise<T>): Promise<T> {
  const insecure = String(sdk.config().upload_prefix ?? '').startsWith('http:')
  const agent = insecure ? new HttpAgent({ timeout }) : new HttpsAgent({ timeout })
  try {
    return await call(agent)
  } finally {
    agent.destroy()
  }
}

/** Fetches, giving up when the headers take longer than `timeout` milliseconds; the body may take its time. */
async function fetchWithin(timeout: number, url: string, range: ByteRange | undefined): Promise<Response> {
  // Stored bytes and no others: a compressed body would make its length a lie.
  const headers = new Headers({ 'accept-encoding': 'identity' })
  if (range) headers.set('range', `bytes=${range.start}-${range.end}`)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error('Cloudinary did not answer in time')), timeout)
  try {
    return await fetch(url, { headers, signal: late.signal })
  } finally {
    clearTimeout(timer)
  }
}
