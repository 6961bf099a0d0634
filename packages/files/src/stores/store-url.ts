import { isIP } from 'node:net'
import { fileURLToPath } from 'node:url'
import { assertKey } from '../keys.ts'
import type { CloudinaryConfig } from './cloudinary.ts'
import type { StoreSettings } from './settings.ts'

/**
 * The settings in an address, or what is wrong with it, in words that fit behind the setting's name and hold no secrets:
 *
 *     file:///folder
 *     s3://KEY:SECRET@bucket/prefix?region=eu-central-1                     AWS; without keys, AWS's own ways of finding them
 *     s3://KEY:SECRET@host:9000/bucket/prefix                               another server: a host with a port, or an IP
 *     s3://KEY:SECRET@bucket/prefix?endpoint=https://host                   the same
 *     cloudinary://KEY:SECRET@cloud/folder?auth_token_key=00ab…
 *
 * Keys, secrets and query values are percent-encoded. An own S3 server is spoken to over https, on loopback and with `?tls=false` over http.
 * @param region of AWS, where the address names none
 */
export function storeOf(text: string, region?: string): StoreSettings | string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const login = url && loginOf(url)
  if (url?.protocol === 'file:' && url.host === '') {
    return { kind: 'local', name: url.href, root: fileURLToPath(url) }
  }
  if (url?.protocol === 's3:' && url.hostname && login) return s3Of(url, login, region)
  if (url?.protocol === 'cloudinary:' && url.hostname && login) return cloudinaryOf(url, login)
  return 'must be file:///…, s3://key:secret@bucket/… or cloudinary://key:secret@cloud/…'
}

/** Whether it may come before keys: nothing, or segments as keys have them. */
export function isPrefix(text: string): boolean {
  try {
    if (text !== '') assertKey(text)
    return true
  } catch {
    return false
  }
}

/** Names an account and its folder, as rows do. */
export function cloudinarySettings(config: CloudinaryConfig): StoreSettings {
  const name = ['cloudinary:/', config.cloudName, config.folder].filter(Boolean).join('/')
  return { kind: 'cloudinary', name, config }
}

type Login = { key: string; secret: string } | 'none'

/** Undefined when only one half is there, or what is there cannot be decoded. */
function loginOf(url: URL): Login | undefined {
  try {
    const [key, secret] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
    if (key === '' && secret === '') return 'none'
    return key === '' || secret === '' ? undefined : { key, secret }
  } catch {
    return undefined
  }
}

function s3Of(url: URL, login: Login, awsRegion: string | undefined): StoreSettings | string {
  const unknown = unknownIn(url, ['region', 'endpoint', 'tls'])
  if (unknown) return unknown
  const path = url.pathname.split('/').filter(Boolean)
  const endpoint = endpointOf(url)
  if (endpoint === 'bad') return 'must have a whole http:// or https:// address as its endpoint'
  const isHostGiven = endpoint !== undefined && !url.searchParams.has('endpoint')
  const [bucket, ...rest] = isHostGiven ? path : [url.hostname, ...path]
  const prefix = rest.join('/')
  if (bucket === undefined) return 'must name a bucket: s3://key:secret@host:port/bucket'
  if (!isPrefix(prefix)) return 'has a prefix that is not made of letters, digits and ._-'
  const region = url.searchParams.get('region') ?? (endpoint === undefined ? awsRegion : 'us-east-1')
  if (!region) return 'needs ?region=… (or AWS_REGION)'
  const credentials =
    login === 'none' ? {} : { credentials: { accessKeyId: login.key, secretAccessKey: login.secret } }
  const host = endpoint === undefined ? [] : [new URL(endpoint).host]
  return {
    kind: 's3',
    name: `s3://${[...host, bucket, ...rest].join('/')}`,
    config: { bucket, prefix, region, ...(endpoint === undefined ? {} : { endpoint }), ...credentials },
  }
}

/** The address of a server that is not AWS; undefined for AWS. */
function endpointOf(url: URL): string | undefined | 'bad' {
  const given = url.searchParams.get('endpoint')
  if (given !== null) {
    const isWhole = URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)
    return isWhole ? new URL(given).origin : 'bad'
  }
  const address = url.hostname.replace(/^\[|\]$/g, '')
  if (url.port === '' && isIP(address) === 0) return undefined
  const isLoopback = address === 'localhost' || address === '::1' || /^127\./.test(address)
  const isPlain = url.searchParams.has('tls') ? url.searchParams.get('tls') === 'false' : isLoopback
  return `${isPlain ? 'http' : 'https'}://${url.host}`
}

function cloudinaryOf(url: URL, login: Login): StoreSettings | string {
  if (login === 'none') return 'must be cloudinary://key:secret@cloud/folder'
  const unknown = unknownIn(url, ['auth_token_key', 'secure_distribution', 'upload_prefix'])
  if (unknown) return unknown
  const folder = url.pathname.split('/').filter(Boolean).join('/')
  if (!isPrefix(folder)) return 'has a folder that is not made of letters, digits and ._-'
  const asked = (name: string) => url.searchParams.get(name) ?? undefined
  const [authTokenKey, deliveryHost, uploadPrefix] = [
    asked('auth_token_key'),
    asked('secure_distribution'),
    asked('upload_prefix'),
  ]
  if (authTokenKey !== undefined && !/^(?:[0-9a-f]{2})+$/i.test(authTokenKey)) {
    return 'must have an auth_token_key of hexadecimal digits'
  }
  return cloudinarySettings({
    cloudName: url.hostname,
    apiKey: login.key,
    apiSecret: login.secret,
    folder,
    ...(authTokenKey === undefined ? {} : { authTokenKey }),
    ...(deliveryHost === undefined ? {} : { deliveryHost }),
    ...(uploadPrefix === undefined ? {} : { uploadPrefix }),
  })
}

/** What to say of parameters that nobody knows: a typing error must not choose another store. */
function unknownIn(url: URL, known: readonly string[]): string | undefined {
  const unknown = [...url.searchParams.keys()].filter((name) => !known.includes(name))
  return unknown.length > 0 ? `has parameters that are not known; known are ${known.join(', ')}` : undefined
}
