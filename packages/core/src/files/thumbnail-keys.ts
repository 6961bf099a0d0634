/** Every thumbnail that a picture may have. */
export const THUMBNAIL_KEYS = ([150, 300, 600] as const).flatMap((size) =>
  (['webp', 'jpeg'] as const).map((format) => ({ size, format })),
)

/** Where a thumbnail is kept, beside its original. */
export function thumbnailKey(storageKey: string, size: number, format: 'webp' | 'jpeg'): string {
  return `${storageKey.replace(/\/original$/, '')}/thumb-${size}.${format}`
}
