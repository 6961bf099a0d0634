import crypto, { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'
import type { S3Config } from '../../src/stores/s3.ts'
import { hasS3Signature } from './s3-signature.ts'

const BUCKET = 'desk-files'
const SECRET = 'S3RVER'
/** Entries on a page of the listing, so that a few files make several; servers may send fewer than is asked. */
const PAGE = 3

/** What an answer should be instead of the right one: none, an error, one that is cut, or one that never ends. */
export type Fault = 'silence' | 'error' | 'unknown' | 'break-off' | 'stall' | undefined

/** s3rver's page tokens are encrypted with DES, which OpenSSL 3 does only as triple DES: three times the same key is the same. */
function provideDes(): void {
  const { createCipheriv, createDecipheriv } = crypto
  if (createCipheriv.name === 'withDes') return
  const thrice = (key: Buffer) => Buffer.concat([key, key, key])
  Object.assign(crypto, {
    createCipheriv: function withDes(name: string, key: Buffer, iv: Buffer) {
      return name === 'des' ? createCipheriv('des-ede3-cbc', thrice(key), iv) : createCipheriv(name, key, iv)
    },
    createDecipheriv: (name: string, key: Buffer, iv: Buffer) =>
      name === 'des' ? createDecipheriv('des-ede3-cbc', thrice(key), iv) : createDecipheriv(name, key, iv),
  })
}

/** Answers ListMultipartUploads from the folder that has one for each upload. */
function listOfUploads(folder: string, url: string): string {
  const prefix = new URL(url, 'http://s3').searchParams.get('prefix') ?? ''
  const entries = (existsSync(folder) ? readdirSync(folder) : []).flatMap((id) => {
    const key = readFileSync(join(folder, id, 'key'), 'utf8')
    const initiated = statSync(join(folder, id, 'key')).mtime.toISOString()
    const facts = `<Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${initiated}</Initiated>`
    return key.startsWith(prefix) ? [`<Upload>${facts}</Upload>`] : []
  })
  return `<ListMultipartUploadsResult>${entries.join('')}</ListMultipartUploadsResult>`
}

/**
 * An S3 server on a folder of its own, with what s3rver lacks: it checks no signatures of version 4, and can neither
 * list nor forget multipart uploads.
 */
export async function s3Server(t: { teardown(end: () => void): void }) {
  const directory = mkdtempSync(join(tmpdir(), 'servicedesk-s3-'))
  const s3rver = new S3rver({ directory, silent: true, configureBuckets: [{ name: BUCKET, configs: [] }] })
  await s3rver.configureBuckets()
  provideDes()
  const { store } = s3rver
  const listObjects = store.listObjects.bind(store)
  store.listObjects = (bucket, options) => listObjects(bucket, { ...options, maxKeys: PAGE })
  const handle = s3rver.callback()
  const state: { fault: Fault } = { fault: undefined }
  const uploads = join(directory, BUCKET, '._S3rver_uploads')
  const server = createServer((request, response) => {
    if (state.fault === 'silence') return
    if (state.fault === 'error' || state.fault === 'unknown') {
      response.writeHead(state.fault === 'error' ? 500 : 501).end()
      return
    }
    if (state.fault !== undefined) {
      response.writeHead(200, { 'content-length': 10 }).write('half ')
      if (state.fault === 'break-off') setImmediate(() => response.destroy())
      return
    }
    if (!hasS3Signature(request, SECRET)) {
      response.writeHead(403, { 'content-type': 'application/xml' })
      response.end('<Error><Code>SignatureDoesNotMatch</Code><StringToSign>of S3RVER</StringToSign></Error>')
      return
    }
    if (request.method === 'GET' && /[?&]uploads(?:[=&]|$)/.test(request.url ?? '')) {
      response
        .writeHead(200, { 'content-type': 'application/xml' })
        .end(listOfUploads(uploads, request.url ?? ''))
      return
    }
    const upload = /[?&]uploadId=(\w+)/.exec(request.url ?? '')?.[1]
    if (request.method === 'DELETE' && upload !== undefined) {
      rmSync(join(uploads, upload), { recursive: true })
      response.writeHead(204).end()
    } else handle(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const { port } = server.address() as AddressInfo
  const host = `127.0.0.1:${port}`
  /** Objects and parts of uploads that lie in the bucket. */
  const files = () =>
    readdirSync(join(directory, BUCKET), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(md5|json)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
  /** A store below a prefix that nobody else has. */
  const config = (): S3Config => ({
    bucket: BUCKET,
    prefix: `test-${randomBytes(4).toString('hex')}/files`,
    region: 'us-east-1',
    endpoint: `http://${host}`,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: SECRET },
  })
  return { host, bucket: BUCKET, state, files, config }
}
