import { randomBytes } from 'node:crypto'
import { createWriteStream, readdirSync, rmSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ensureFolder } from '../../bootstrap/ensure-folder.mjs'

export interface Mailbox {
  /**
   * Keeps a mail: when this resolves, the whole of it is on the disk under a name that sorts by time.
   * @param refusal asked once the mail has arrived: an error means that it is not wanted
   */
  keep(mail: Readable, refusal?: () => Error | undefined): Promise<string>
}

/** A folder of .eml files. A file there is always whole: it is written beside them and moved in. Mails hold
 * links that let people in, so only their owner reads them. */
export function openMailbox(folder: string, now: () => Date = () => new Date()): Mailbox {
  const drafts = join(folder, '.incoming')
  ensureFolder(drafts)
  for (const name of readdirSync(drafts)) rmSync(join(drafts, name), { force: true }) // Of a sink that was killed.
  return {
    async keep(mail, refusal = () => undefined) {
      const name = `${now().toISOString().replaceAll(':', '-')}-${randomBytes(4).toString('hex')}.eml`
      const draft = join(drafts, name)
      try {
        await pipeline(mail, createWriteStream(draft, { flush: true, mode: 0o600 }))
        const error = refusal()
        if (error) throw error
        await rename(draft, join(folder, name))
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
      return name
    },
  }
}
