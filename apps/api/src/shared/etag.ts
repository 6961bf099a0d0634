import { invalid } from '@servicedesk/core'

/** A ticket's version as an entity tag. */
export function etagOf(version: number): string {
  return `"${version}"`
}

/**
 * Reads `If-Match` as a version; undefined when it is absent or `*`. Of a list, the first is taken: a ticket has
 * one version.
 * @throws DomainError 400 for what is no tag of this server
 */
export function ifMatchVersion(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined
  const match = /^\s*(?:W\/)?"(\d{1,10})"/.exec(header)
  if (match?.[1] === undefined) throw invalid('If-Match', 'must be the ETag of the ticket, such as "3"')
  return Number(match[1])
}

/** True when `If-None-Match` names this version. */
export function isNotModified(header: string | undefined, version: number): boolean {
  if (header === undefined) return false
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etagOf(version))
}
