import { resolve } from 'node:path'
import t from 'tap'
import { StoreUnknown } from '../../src/errors.ts'
import { readStorage } from '../../src/stores/settings.ts'
import { createStores } from '../../src/stores/stores.ts'

const ACCOUNT = { CLOUDINARY_CLOUD_NAME: 'demo', CLOUDINARY_API_KEY: 'key', CLOUDINARY_API_SECRET: 'secret' }
const names = (env: NodeJS.ProcessEnv) => {
  const problems: string[] = []
  const { current, older } = readStorage({ DATA_DIR: '/data', ...env }, problems)
  t.strictSame(problems, [])
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

t.test('a wrong address is said without its secrets', async (t) => {
  for (const env of [
    { STORAGE_URL: '/var/lib/files' },
    { STORAGE_URL: 'https://key:hush@host' },
    { STORAGE_URL: 'cloudinary://key@demo' },
    { STORAGE_OLDER_URLS: 'file:///a nonsense:hush' },
    { CLOUDINARY_API_SECRET: 'hush' },
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
})
