import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import t from 'tap'
import { StoreUnknown } from '../../src/errors.ts'
import { readStorage } from '../../src/stores/settings.ts'
import { createStores } from '../../src/stores/stores.ts'

const ACCOUNT = { CLOUDINARY_CLOUD_NAME: 'demo', CLOUDINARY_API_KEY: 'key', CLOUDINARY_API_SECRET: 'secret' }
const names = (env: NodeJS.ProcessEnv) => {
  const problems: string[] = []
  const { current, older } = readStorage({ DATA_DIR: '/data', ...env }, problems)
  assert.deepEqual(problems, [])
  return [current.name, ...older.map(({ name }) => name)]
}

t.test('what the environment says is where new files go; the others stay readable', async (t) => {
  t.strictSame(names({}), ['local'])
  t.strictSame(names({ STORAGE_URL: '' }), ['local'])
  t.strictSame(names(ACCOUNT), ['cloudinary://demo', 'local'])
  t.strictSame(names({ ...ACCOUNT, STORAGE_URL: 'file:///srv/files' }), [
    'file:///srv/files',
    'cloudinary://demo',
    'local',
  ])
  t.strictSame(
    names({ STORAGE_URL: 'cloudinary://key:secret@other', STORAGE_OLDER_URLS: 'file:///a  file:///b' }),
    ['cloudinary://other', 'file:///a', 'file:///b', 'local'],
  )
  t.match(readStorage({ DATA_DIR: '/data' }, []).current, { root: resolve('/data/files') })
})

t.test('addresses of S3: AWS, and servers of one’s own', async (t) => {
  const credentials = { accessKeyId: 'KEY', secretAccessKey: 'a/b+c' }
  const login = 'KEY:a%2Fb+c@'
  const aws = { bucket: 'desk', prefix: '', region: 'eu-central-1', credentials }
  const own = { ...aws, region: 'us-east-1' }
  for (const [url, name, config] of [
    [`s3://${login}desk?region=eu-central-1`, 's3://desk', aws],
    [`s3://${login}desk/a/b/?region=eu-central-1`, 's3://desk/a/b', { ...aws, prefix: 'a/b' }],
    [
      `s3://${login}127.0.0.1:9000/desk`,
      's3://127.0.0.1:9000/desk',
      { ...own, endpoint: 'http://127.0.0.1:9000' },
    ],
    [
      `s3://${login}minio:9000/desk/x?tls=false`,
      's3://minio:9000/desk/x',
      { ...own, prefix: 'x', endpoint: 'http://minio:9000' },
    ],
    [`s3://${login}10.0.0.5/desk`, 's3://10.0.0.5/desk', { ...own, endpoint: 'https://10.0.0.5' }],
    [`s3://${login}[::1]:9000/desk`, 's3://[::1]:9000/desk', { ...own, endpoint: 'http://[::1]:9000' }],
    [
      `s3://${login}desk?endpoint=https://acc.r2.example&region=auto`,
      's3://acc.r2.example/desk',
      { ...own, region: 'auto', endpoint: 'https://acc.r2.example' },
    ],
  ] as const) {
    t.strictSame(readStorage({ STORAGE_URL: url }, []).current, { kind: 's3', name, config }, url)
  }
  const chain = readStorage({ STORAGE_URL: 's3://desk', AWS_REGION: 'eu-west-1' }, []).current
  t.strictSame(chain, {
    kind: 's3',
    name: 's3://desk',
    config: { bucket: 'desk', prefix: '', region: 'eu-west-1' },
  })
})

t.test('addresses of Cloudinary', async (t) => {
  const account = { cloudName: 'demo', apiKey: 'key', apiSecret: 'secret' }
  const more = '?auth_token_key=00AB&upload_prefix=http://127.0.0.1:8080&secure_distribution=files.example'
  t.strictSame(readStorage({ STORAGE_URL: `cloudinary://key:secret@demo/a/b${more}` }, []).current, {
    kind: 'cloudinary',
    name: 'cloudinary://demo/a/b',
    config: {
      ...account,
      folder: 'a/b',
      authTokenKey: '00AB',
      deliveryHost: 'files.example',
      uploadPrefix: 'http://127.0.0.1:8080',
    },
  })
  t.strictSame(readStorage({ ...ACCOUNT, CLOUDINARY_FOLDER: 'desk' }, []).current, {
    kind: 'cloudinary',
    name: 'cloudinary://demo/desk',
    config: { ...account, folder: 'desk' },
  })
})

t.test('a wrong address is said without its secrets', async (t) => {
  for (const env of [
    { STORAGE_URL: '/var/lib/files' },
    { STORAGE_URL: 'https://key:hush@host' },
    { STORAGE_URL: 'cloudinary://key@demo' },
    { STORAGE_OLDER_URLS: 'file:///a nonsense:hush' },
    { CLOUDINARY_API_SECRET: 'hush' },
    { STORAGE_URL: 's3://key:hush@bucket' },
    { STORAGE_URL: 's3://key:hush@127.0.0.1:9000' },
    { STORAGE_URL: 's3://hush@bucket?region=x' },
    { STORAGE_URL: 's3://key:hush%@bucket?region=x' },
    { STORAGE_URL: 's3://key:hush@bucket/.hidden?region=x' },
    { STORAGE_URL: 's3://key:hush@bucket?regoin=x' },
    { STORAGE_URL: 's3://key:hush@bucket?endpoint=minio' },
    { STORAGE_URL: 'cloudinary://key:hush@demo/a%20b' },
    { STORAGE_URL: 'cloudinary://key:hush@demo?auth_token_key=xyz' },
    { STORAGE_URL: 'cloudinary://key:hush@demo?foldr=x' },
    { ...ACCOUNT, CLOUDINARY_FOLDER: '/hush/' },
  ]) {
    const problems: string[] = []
    readStorage(env, problems)
    t.equal(problems.length, 1, JSON.stringify(env))
    t.notMatch(problems.join(), /hush/)
  }
})

t.test('rows name their store', async (t) => {
  const stores = createStores(readStorage({ DATA_DIR: '/data', STORAGE_URL: 'file:///srv/files' }, []))
  t.equal(stores.current, 'file:///srv/files')
  t.strictSame(stores.names, ['file:///srv/files', 'local'])
  t.not(stores.of('local'), stores.of('file:///srv/files'))
  t.throws(() => stores.of('s3://gone'), StoreUnknown)
  t.equal(
    await stores.of('file:///nowhere/at/all').stat('ab/x'),
    null,
    'a folder of before needs no settings',
  )
  for (const url of ['s3://k:s@127.0.0.1:1/bucket', 'cloudinary://k:s@demo']) {
    const { current, of } = createStores(readStorage({ STORAGE_URL: url }, []))
    t.type(of(current).link, 'function', 'has links')
  }
  t.equal(stores.of('local').link, undefined)
})
