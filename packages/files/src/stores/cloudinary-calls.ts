import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { pipeline } from 'node:stream/promises'
import type { UploadApiOptions, UploadApiResponse, v2 } from 'cloudinary'
import { StoreFailed } from '../errors.ts'
import type { ByteRange } from './store.ts'
import type { UploadSource } from './upload-source.ts'

export type Sdk = typeof v2

/** What Cloudinary answered, without the rest of the SDK's rejections, which may hold the account's secret. */
export class CloudinaryError extends StoreFailed {
  /** Cloudinary's HTTP status, where it answered. */
  readonly status: unknown

  constructor(what: string, status: unknown) {
    super(`Cloudinary: ${what} (${String(status)})`)
    this.name = 'CloudinaryError'
    this.status = status
  }
}

/** Throws what the SDK rejected with, as a CloudinaryError. */
export function refuse(rejection: unknown): never {
  // Uploads reject with the error itself, the Admin API with an object around it.
  const { error } = (rejection ?? {}) as { error?: unknown }
  const { message, http_code } = (error ?? rejection ?? {}) as { message?: unknown; http_code?: unknown }
  throw new CloudinaryError(String(message), http_code ?? 'no answer')
}

/** Sends the source as it comes. When it fails, the half-sent request is cut and Cloudinary keeps nothing. */
export async function upload(
  sdk: Sdk,
  source: UploadSource,
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

  const sending = pipeline(source.body, sink, { signal: failed.signal })
  try {
    const [result] = await Promise.all([answer, sending])
    return result
  } catch (error) {
    failed.abort()
    return source.fail(error)
  }
}

/**
 * Runs a call on a connection of its own, so that a failed call can be cut off at once: the SDK gives no other
 * hold on its requests. The agent also decides between http and https, which the SDK would do once for ever.
 */
export async function withAgent<T>(
  prefix: string,
  timeout: number,
  call: (agent: HttpAgent) => Promise<T>,
): Promise<T> {
  const agent = prefix.startsWith('http:') ? new HttpAgent({ timeout }) : new HttpsAgent({ timeout })
  try {
    return await call(agent)
  } finally {
    agent.destroy()
  }
}

/** Fetches, giving up when the headers take longer than `timeout` milliseconds. @throws StoreFailed */
export async function fetchWithin(
  timeout: number,
  url: string,
  range: ByteRange | undefined,
): Promise<Response> {
  // Stored bytes and no others: a compressed body would make its length a lie.
  const headers = new Headers({ 'accept-encoding': 'identity' })
  if (range) headers.set('range', `bytes=${range.start}-${range.end}`)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeout)
  try {
    return await fetch(url, { headers, signal: late.signal })
  } catch (error) {
    if (late.signal.aborted) throw new StoreFailed('Cloudinary did not answer in time')
    // Only the code: the address in other messages holds a signature.
    const { code } = ((error as Error).cause ?? {}) as { code?: string }
    throw new CloudinaryError('download', code ?? 'no answer')
  } finally {
    clearTimeout(timer)
  }
}
