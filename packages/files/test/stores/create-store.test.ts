import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { createStore } from '../../src/stores/create-store.ts'

t.test('without an address, files lie in the data folder', async (t) => {
  const dataDir = t.testdir()
  await createStore({ storageUrl: undefined, dataDir }).put('ab/x', Buffer.from('x'))
  t.equal((await stat(join(dataDir, 'files', 'ab', 'x'))).size, 1)
})

t.test('a file: address names the folder', async (t) => {
  const folder = join(t.testdir(), 'with space')
  const store = createStore({ storageUrl: pathToFileURL(folder).href, dataDir: '/nowhere' })
  await store.put('ab/x', Buffer.from('x'))
  t.equal((await stat(join(folder, 'ab', 'x'))).size, 1)
})

t.test('Cloudinary wins, and only the local store can sweep', async (t) => {
  const cloudinary = { cloudName: 'demo', apiKey: 'k', apiSecret: 's' }
  t.notOk('sweepTemporary' in createStore({ storageUrl: undefined, dataDir: '/x', cloudinary }))
  t.ok('sweepTemporary' in createStore({ storageUrl: undefined, dataDir: '/x' }))
})

t.test('another address is refused without being repeated', async (t) => {
  for (const storageUrl of ['s3://key:secret@bucket', 'not an address', '/var/lib/files']) {
    t.throws(() => createStore({ storageUrl, dataDir: '/x' }), {
      message: 'The storage URL must be a file: URL, such as file:///var/lib/servicedesk/files',
    })
  }
})
