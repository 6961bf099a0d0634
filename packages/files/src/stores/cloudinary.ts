import { Readable } from 'node:stream'
import { FileMissing, FileRefused } from '../errors.ts'
import { assertKey } from '../keys.ts'
import { readBody } from './body.ts'
import { CloudinaryError, fetchWithin, refuse, type Sdk, upload, withAgent } from './cloudinary-calls.ts'
import { ASSET_TYPE, type AssetKind, accountOf, deliveryUrl, downloadUrl } from './cloudinary-links.ts'
import type { ByteRange, FileStore } from './store.ts'
import { watchSource } from './upload-source.ts'

export interface CloudinaryConfig {
  cloudName: string
  apiKey: string
  apiSecret: string
  /** Comes before every key, without slashes at its ends. */
  folder?: string
  /** Signs addresses of the delivery network that expire, in hexadecimal; a feature that accounts may have. */
  authTokenKey?: string
  /** The host of the delivery network, where it is the account's own. */
  deliveryHost?: string
  /** The address of the API, when it is not Cloudinary's own; http for a local fake. */
  uploadPrefix?: string
  /** Milliseconds that Cloudinary may stay silent before a call fails; 30,000 by default. */
  timeout?: number
}

// A key does not tell which of the two it is, so what reads asks for both.
const KINDS: readonly AssetKind[] = ['image', 'raw']
const PAGE = 500
const isThumbnail = (key: string) => /\/thumb-\d+\.\w+$/.test(key)

/** Somebody waits for an answer, for which the API gives itself little more. */
const READ_TIMEOUT_MS = 12_000

/** Creates a store on Cloudinary. Every call is signed with the given configuration; the SDK is loaded by the first. */
export function createCloudinaryStore(config: CloudinaryConfig): FileStore {
  const { timeout = 30_000, authTokenKey } = config
  const lead = config.folder ? `${config.folder}/` : ''
  let loading: Promise<Sdk> | undefined
  const load = () => {
    loading ??= import('cloudinary').then((module) => module.v2)
    return loading
  }
  const idOf = (key: string) => {
    assertKey(key)
    return lead + key
  }
  const call = <T>(sdk: Sdk, run: (options: ReturnType<typeof callOptions>) => Promise<T>) =>
    withAgent(String(config.uploadPrefix ?? sdk.config().upload_prefix ?? ''), timeout, (agent) =>
      run(callOptions(agent)),
    )
  const callOptions = (agent: object) => ({ ...accountOf(config), type: ASSET_TYPE, timeout, agent }) as const

  /** The response of a download; null when nothing is stored under the key. */
  async function download(key: string, range?: ByteRange): Promise<Response | null> {
    const id = idOf(key)
    const sdk = await load()
    for (const kind of KINDS) {
      const response = await fetchWithin(
        Math.min(timeout, READ_TIMEOUT_MS),
        downloadUrl(sdk, config, id, kind),
        range,
      )
      if (response.ok || (range && response.status === 416)) return response
      await response.body?.cancel()
      if (response.status !== 404) throw new CloudinaryError('download', response.status)
    }
    return null
  }

  return {
    async put(key, source, about) {
      const id = idOf(key)
      const watched = watchSource(source)
      const sdk = await load()
      const isPicture = about?.isPicture ?? isThumbnail(key)
      const stored = await call(sdk, (options) =>
        upload(sdk, watched, {
          ...options,
          resource_type: isPicture ? 'image' : 'raw',
          public_id: id,
          overwrite: true,
          invalidate: true,
        }),
      ).catch((error) => {
        throw isPicture && isUnreadable(error) ? pictureRefused() : error
      })
      return { bytes: stored.bytes }
    },

    async open(key, range) {
      const response = await download(key, range)
      if (!response?.body) throw new FileMissing(key)
      if (response.status === 416) {
        await response.body.cancel()
        return Readable.from([])
      }
      // A server may ignore Range and send everything.
      const cut = response.status === 200 ? range : undefined
      return readBody(Readable.fromWeb(response.body), { store: 'Cloudinary', timeout, cut })
    },

    async stat(key) {
      const response = await download(key, { start: 0, end: 0 })
      if (!response) return null
      await response.body?.cancel()
      const total = response.headers.get('content-range')?.split('/')[1]
      return { bytes: Number(total ?? response.headers.get('content-length')) }
    },

    async remove(key) {
      const id = idOf(key)
      const sdk = await load()
      for (const resource_type of KINDS) {
        const { result } = await call(sdk, (options) =>
          sdk.uploader.destroy(id, { ...options, resource_type, invalidate: true }).catch(refuse),
        )
        if (result === 'ok') return
        if (result !== 'not found') throw new CloudinaryError('removal', result)
      }
    },

    async *list() {
      const sdk = await load()
      for (const resource_type of KINDS) {
        let cursor: string | undefined
        do {
          const next = cursor === undefined ? {} : { next_cursor: cursor }
          const asked = { resource_type, prefix: lead, max_results: PAGE, ...next }
          const page = await call(sdk, (options) => sdk.api.resources({ ...options, ...asked }).catch(refuse))
          for (const { public_id, bytes, created_at } of page.resources) {
            yield { key: public_id.slice(lead.length), bytes, storedAt: new Date(created_at) }
          }
          cursor = page.next_cursor
        } while (cursor !== undefined)
      }
    },

    async link(key, options) {
      const id = idOf(key)
      const sdk = await load()
      const isPicture = options.mimeType.startsWith('image/')
      if (isPicture && options.disposition === 'inline' && authTokenKey !== undefined) {
        return deliveryUrl(sdk, { ...config, authTokenKey }, id, options.expiresIn)
      }
      return downloadUrl(sdk, config, id, isPicture ? 'image' : 'raw', options)
    },
  }
}

const pictureRefused = () =>
  new FileRefused('type_mismatch', 'The file is broken: its picture cannot be read.')

/** Whether Cloudinary looked at a picture and found none. */
function isUnreadable(error: unknown): boolean {
  const isRefusal = error instanceof CloudinaryError && error.status === 400
  return isRefusal && /image|format|unsupported/i.test(error.message)
}
