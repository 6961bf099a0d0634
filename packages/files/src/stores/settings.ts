import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CloudinaryConfig } from './cloudinary.ts'

/** One place that holds files, and the name by which rows call it; the name holds no secret. */
export type StoreSettings =
  | { kind: 'local'; name: string; root: string }
  | { kind: 'cloudinary'; name: string; config: CloudinaryConfig }

export interface StorageSettings {
  /** Where new files go. */
  current: StoreSettings
  /** Where files may still lie that came before; read and cleared, never added to. */
  older: readonly StoreSettings[]
}

/** The folder of `DATA_DIR`, which may move with it. */
const LOCAL = 'local'

/**
 * Reads where files live. `STORAGE_URL` chooses; without it that is Cloudinary when `CLOUDINARY_*` are set, or else a folder
 * of `DATA_DIR`. What was chosen before stays readable: the folder of `DATA_DIR` and the account of `CLOUDINARY_*` always,
 * others when `STORAGE_OLDER_URLS` names them, separated by spaces.
 * @param problems gets a sentence for everything that is wrong, without the addresses, which may hold secrets
 */
export function readStorage(
  env: NodeJS.ProcessEnv,
  problems: string[],
  dataDir = env.DATA_DIR ?? '.data',
): StorageSettings {
  const folder: StoreSettings = { kind: 'local', name: LOCAL, root: join(dataDir, 'files') }
  const account = cloudinaryAccount(env, problems)
  const read = (variable: string, url: string) => {
    const settings = storeOf(url)
    if (settings === undefined)
      problems.push(`${variable} must be file:///… or cloudinary://key:secret@cloud`)
    return settings
  }
  const chosen = env.STORAGE_URL ? read('STORAGE_URL', env.STORAGE_URL) : undefined
  const named = (env.STORAGE_OLDER_URLS ?? '').split(/\s+/).filter(Boolean)
  const current = chosen ?? account ?? folder
  const others = [...named.map((url) => read('STORAGE_OLDER_URLS', url)), account, folder]
  const older = new Map(others.flatMap((each) => (each === undefined ? [] : [[each.name, each]])))
  older.delete(current.name)
  return { current, older: [...older.values()] }
}

function cloudinaryAccount(env: NodeJS.ProcessEnv, problems: string[]): StoreSettings | undefined {
  const all = [env.CLOUDINARY_CLOUD_NAME, env.CLOUDINARY_API_KEY, env.CLOUDINARY_API_SECRET]
  const [cloudName, apiKey, apiSecret] = all
  if (cloudName && apiKey && apiSecret) return cloudinary({ cloudName, apiKey, apiSecret })
  if (all.some(Boolean)) problems.push('of CLOUDINARY_* only some are set')
  return undefined
}

const cloudinary = (config: CloudinaryConfig): StoreSettings => ({
  kind: 'cloudinary',
  name: `cloudinary://${config.cloudName}`,
  config,
})

/** The settings in an address; undefined for none that is known. */
function storeOf(text: string): StoreSettings | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'file:' && url.host === '') {
    const root = fileURLToPath(url)
    return { kind: 'local', name: url.href, root }
  }
  if (url?.protocol === 'cloudinary:' && url.hostname && url.username && url.password) {
    const [apiKey, apiSecret] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
    return cloudinary({ cloudName: url.hostname, apiKey, apiSecret })
  }
  return undefined
}
