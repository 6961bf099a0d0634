import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { UserError } from '../user-error.ts'
import type { NewTicket } from './map-row.ts'

/** One in so many tickets gets a photograph: enough to keep the thumbnails busy, few enough to stay a desk of words. */
const EVERY = 5

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.gif': 'image/gif',
  '.bmp': 'image/bmp',
  '.webp': 'image/webp',
}

/**
 * The photographs of a folder, in order of their names.
 * @throws UserError when there are none
 */
export function listPhotos(dir: string): string[] {
  let names: string[]
  try {
    names = readdirSync(dir)
  } catch (error) {
    throw new UserError(`${dir} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  const photos = names.filter((name) => Object.hasOwn(MIME_TYPES, extname(name).toLowerCase())).sort()
  if (photos.length === 0)
    throw new UserError(`${dir} has no photographs (${Object.keys(MIME_TYPES).join(', ')}).`)
  return photos.map((name) => join(dir, name))
}

/** The photograph that the row at this index gets: one for the 1st, 6th, 11th and so on, each of them in turn. */
export function photoFor(index: number, photos: readonly string[]): string | undefined {
  return index % EVERY === 0 ? photos[(index / EVERY) % photos.length] : undefined
}

/** A ticket and its photograph as a form. */
export async function ticketForm(ticket: NewTicket, photo: string): Promise<FormData> {
  const form = new FormData()
  for (const [name, value] of Object.entries(ticket)) form.set(name, value)
  const type = MIME_TYPES[extname(photo).toLowerCase()] ?? 'application/octet-stream'
  form.set('files', new File([await readFile(photo)], basename(photo), { type }))
  return form
}
