import { join } from 'node:path'
import type { CloudinaryConfig } from './cloudinary.ts'
import type { S3Config } from './s3.ts'
import { cloudinarySettings, isPrefix, storeOf } from './store-url.ts'

/** One place that holds files, and the name by which rows call it; the name holds no secret. */
export type StoreSettings =
  | { kind: 'local'; name: string; root: string }
  | { kind: 'cloudinary'; name: string; config: CloudinaryConfig }
  | { kind: 's3'; name: string; config: S3Config }

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
    const settings = storeOf(url, env.AWS_REGION ?? env.AWS_DEFAULT_REGION)
    if (typeof settings !== 'string') return settings
    problems.push(`${variable} ${settings}`)
    return undefined
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
  const folder = env.CLOUDINARY_FOLDER ?? ''
  if (cloudName && apiKey && apiSecret) {
    if (isPrefix(folder)) return cloudinarySettings({ cloudName, apiKey, apiSecret, folder })
    problems.push('CLOUDINARY_FOLDER must be names of letters, digits and ._-, separated by /')
  } else if (all.some(Boolean)) problems.push('of CLOUDINARY_* only some are set')
  return undefined
}
