import { invalid } from '@servicedesk/core'

/** A ticket's version as an entity tag. */
export function etagOf(version: number): string {
  return `"${version}"`
}

/**
 * Reads `If-Match` as the versions it lists; undefined when it is absent or `*`.
 * @throws DomainError 400 for what is no tag of this server
 */
export function ifMatchVersions(header: string | undefined): number[] | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  return header.split(',').map((tag) => {
    const match = /^(?:W\/)?"(\d{1,10})"$/.exec(tag.trim())
    if (match === null) throw invalid('If-Match', 'must be the ETag of the ticket, such as "3"')
    return Number(match[1])
  })
}

/** True when `If-None-Match` names this version. */
export function isNotModified(header: string | undefined, version: number): boolean {
  if (header === undefined) return false
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etagOf(version))
}
