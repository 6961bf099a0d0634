import { rename, symlink, unlink } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { createCloudinaryStore } from '../../src/stores/cloudinary.ts'
import { createLocalStore } from '../../src/stores/local.ts'
import { createS3Store } from '../../src/stores/s3.ts'
import type { FileStore } from '../../src/stores/store.ts'
import { fakeCloudinary } from './fake-cloudinary.ts'
import { s3Server } from './s3-server.ts'
import { tmpStore } from './tmp-store.ts'

interface Teardown {
  teardown(end: () => unknown): void
}

/** One kind of store, on something that stands for the real one. */
export interface TestedStore {
  name: string
  open(t: Teardown): Promise<{
    /** The same store each time, or another one beside it. */
    make(beside?: string): FileStore
    /** The same as a `STORAGE_URL`. */
    url: string
    /** Lets the store fail, or work again. */
    breakDown(isAway: boolean): Promise<void>
    /** Everything that lies in any of them, finished or not. */
    leftovers(): Promise<string[]>
  }>
}

/** Every kind of store that there is. */
export const STORES: readonly TestedStore[] = [
  {
    name: 'a folder',
    async open(t) {
      const { root, files } = await tmpStore(t)
      return {
        make: (beside = '') => createLocalStore({ root: `${root}${beside}` }),
        url: pathToFileURL(root).href,
        // A link that leads to itself cannot be followed, even by root.
        breakDown: (isAway) =>
          isAway
            ? rename(root, `${root}.kept`).then(() => symlink(root, root))
            : unlink(root).then(() => rename(`${root}.kept`, root)),
        leftovers: files,
      }
    },
  },
  {
    name: 'Cloudinary',
    async open(t) {
      const { config, assets, state } = await fakeCloudinary(t, 'cloud-secret')
      return {
        url: `cloudinary://key:cloud-secret@demo/desk/files?upload_prefix=${config.uploadPrefix}`,
        async breakDown(isAway) {
          state.fault = isAway ? 'error' : undefined
        },
        make: (beside = '') => createCloudinaryStore({ ...config, folder: `desk/files${beside}` }),
        leftovers: async () => [...assets.keys()],
      }
    },
  },
  {
    name: 'S3',
    async open(t) {
      const { config, files, host, bucket, state } = await s3Server(t)
      const own = config()
      return {
        url: `s3://S3RVER:S3RVER@${host}/${bucket}/${own.prefix}`,
        async breakDown(isAway) {
          state.fault = isAway ? 'error' : undefined
        },
        make: (beside = '') => createS3Store({ ...own, prefix: `${own.prefix}${beside}` }),
        leftovers: async () => files(),
      }
    },
  },
]
