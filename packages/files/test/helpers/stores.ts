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
      return { make: (beside = '') => createLocalStore({ root: `${root}${beside}` }), leftovers: files }
    },
  },
  {
    name: 'Cloudinary',
    async open(t) {
      const { config, assets } = await fakeCloudinary(t, 'cloud-secret')
      return {
        make: (beside = '') => createCloudinaryStore({ ...config, folder: `desk/files${beside}` }),
        leftovers: async () => [...assets.keys()],
      }
    },
  },
  {
    name: 'S3',
    async open(t) {
      const { config, files } = await s3Server(t)
      const own = config()
      return {
        make: (beside = '') => createS3Store({ ...own, prefix: `${own.prefix}${beside}` }),
        leftovers: async () => files(),
      }
    },
  },
]
