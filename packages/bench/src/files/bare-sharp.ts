import sharp from 'sharp'

const SIZES = [150, 300, 600]
const INSIDE = { fit: 'inside', withoutEnlargement: true } as const

/**
 * What a programmer who knows sharp writes for the same six thumbnails: decoded once to the largest size, upright and
 * in sRGB, and the six made of that side by side. It checks nothing and keeps nothing.
 */
export async function bareThumbnails(photo: Buffer): Promise<Buffer[]> {
  const { data, info } = await sharp(photo)
    .autoOrient()
    .resize({ width: 600, height: 600, ...INSIDE })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  const { width, height, channels } = info
  return Promise.all(
    SIZES.flatMap((size) => {
      const fitted = sharp(data, { raw: { width, height, channels } }).resize({
        width: size,
        height: size,
        ...INSIDE,
      })
      return [
        fitted.clone().webp({ quality: 80 }).toBuffer(),
        fitted.clone().flatten({ background: '#ffffff' }).jpeg({ quality: 80, mozjpeg: true }).toBuffer(),
      ]
    }),
  )
}
