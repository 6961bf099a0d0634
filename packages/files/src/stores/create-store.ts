import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CloudinaryConfig, createCloudinaryStore } from './cloudinary.ts'
import { createLocalStore, type LocalStore } from './local.ts'
import type { FileStore } from './store.ts'

export interface StoreConfig {
  /** `file:///var/lib/servicedesk/files`, or undefined for a folder of `dataDir`. */
  storageUrl: string | undefined
  dataDir: string
  /** Set: files go to Cloudinary. */
  cloudinary?: CloudinaryConfig | undefined
}

/** Creates the store that the configuration names. Throws an Error fit for a start-up message. */
export function createStore({ storageUrl, dataDir, cloudinary }: StoreConfig): FileStore | LocalStore {
  if (cloudinary) return createCloudinaryStore(cloudinary)
  return createLocalStore({ root: storageUrl === undefined ? join(dataDir, 'files') : folderOf(storageUrl) })
}

function folderOf(storageUrl: string): string {
  if (URL.canParse(storageUrl) && new URL(storageUrl).protocol === 'file:') return fileURLToPath(storageUrl)
  // The address may hold credentials and stays out of the message.
  throw new Error('The storage URL must be a file: URL, such as file:///var/lib/servicedesk/files')
}
