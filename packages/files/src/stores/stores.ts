import { fileURLToPath } from 'node:url'
import { StoreUnknown } from '../errors.ts'
import { createCloudinaryStore } from './cloudinary.ts'
import { createLocalStore } from './local.ts'
import { createS3Store } from './s3.ts'
import type { StorageSettings, StoreSettings } from './settings.ts'
import type { FileStore } from './store.ts'

/** The places that hold files, by the names that rows give them. */
export interface Stores {
  /** Where new files go. */
  readonly current: string
  readonly names: readonly string[]
  /** @throws StoreUnknown when this process has no settings for it */
  of(name: string): FileStore
}

/** Creates every configured store; none of them is spoken to before it is used. */
export function createStores({ current, older }: StorageSettings): Stores {
  const stores = new Map([current, ...older].map((settings) => [settings.name, createStore(settings)]))
  return {
    current: current.name,
    names: [...stores.keys()],
    of(name) {
      const store = stores.get(name)
      if (store !== undefined) return store
      // A folder's address says all there is to know: files that came before a change of STORAGE_URL stay readable.
      if (name.startsWith('file:')) return createLocalStore({ root: fileURLToPath(name) })
      throw new StoreUnknown(name)
    },
  }
}

function createStore(settings: StoreSettings): FileStore {
  switch (settings.kind) {
    case 'local':
      return createLocalStore({ root: settings.root })
    case 'cloudinary':
      return createCloudinaryStore(settings.config)
    case 's3':
      return createS3Store(settings.config)
  }
}
