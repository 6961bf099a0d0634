/** Sides of the squares that thumbnails fit into, in pixels. */
export const THUMBNAIL_SIZES = [150, 300, 600] as const
export type ThumbnailSize = (typeof THUMBNAIL_SIZES)[number]
export const THUMBNAIL_FORMATS = ['webp', 'jpeg'] as const
export type ThumbnailFormat = (typeof THUMBNAIL_FORMATS)[number]

const MAX_KEY_LENGTH = 200
// No segment starts with a dot: that keeps out "..", and the folder of files that are still being written.
const SEGMENT = /^[a-z0-9_-][a-z0-9._-]*$/i

/**
 * Checks a key of a store: segments of letters, digits, dots, dashes and underscores, separated by "/".
 * Throws RangeError, because keys are made by us and a bad one is a fault of the program.
 */
export function assertKey(key: string): void {
  if (key.length > MAX_KEY_LENGTH || !key.split('/').every((segment) => SEGMENT.test(segment))) {
    throw new RangeError(`Not a key of the file store: ${JSON.stringify(key.slice(0, MAX_KEY_LENGTH))}`)
  }
}

/**
 * Where a file's original is kept, like `5d/018f…5d/original`. Files are spread over 256 folders by the end of
 * their id, because the start of a UUIDv7 is a clock.
 */
export function originalKey(fileId: string): string {
  const id = fileId.toLowerCase()
  return `${id.slice(-2)}/${id}/original`
}
