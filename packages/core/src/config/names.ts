import { conflict, invalid } from '../shared/errors.ts'

/** How a name is written in addresses and by older clients: `in_progress`. */
export function slugOf(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_')
}

/**
 * A name as it is stored, spaces in order, that no other row has.
 * @param rows what has names already
 * @param own the row that is renamed
 * @throws DomainError 400 for what cannot be a value in a comma-separated list; 409 for a name that differs from another
 * only by case, spaces or dashes
 */
export function freeName(rows: readonly { id: number; name: string }[], text: string, own?: number): string {
  const name = text.trim().replace(/\s+/g, ' ')
  if (/[,\p{Cc}]/u.test(name)) throw invalid('name', 'must have no comma and no control characters')
  const taken = rows.find((row) => row.id !== own && slugOf(row.name) === slugOf(name))
  if (taken !== undefined) throw conflict('already_exists', `${taken.name} exists already`)
  return name
}
