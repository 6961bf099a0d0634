import type { LinkMaker } from '@servicedesk/core'
import { linkExpiry, signFileLink } from '@servicedesk/files'
import type { ApiConfig } from '../config.ts'

const LINK_SECONDS = 3_600

/** Makes links to file content, good for one to two hours, that end in the file's name. */
export function createLinkMaker(config: Pick<ApiConfig, 'secret' | 'publicUrl'>): LinkMaker {
  return (file) => {
    const expiresAt = linkExpiry(new Date(), LINK_SECONDS)
    const link = { id: file.id, variant: 'original' as const, name: file.filename, expiresAt }
    const [id, token, name] = signFileLink(config.secret, link).split('/')
    return `${config.publicUrl}/api/v1/files/${id}/link/${token}/${name}`
  }
}
