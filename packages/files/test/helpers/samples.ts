import sharp from 'sharp'
import { bmp } from './bmp.ts'
import { quarters } from './pictures.ts'

const SMALL = () => quarters(40, 24)

async function frames() {
  const second = sharp({ create: { width: 40, height: 24, channels: 3, background: '#123' } })
  return Promise.all([SMALL(), second].map((frame) => frame.png().toBuffer()))
}

/** Whole pictures of 40 × 24 pixels in the variants that writers make, each under its extension. */
export async function samplePictures(): Promise<[extension: string, what: string, file: Buffer][]> {
  const exif = { IFD0: { Copyright: 'somebody' } }
  const pixels = Array.from({ length: 24 }, (_, y) =>
    Array.from({ length: 40 }, (_, x) => (x < y ? 0x10ff : 0)),
  )
  return [
    ['jpg', 'baseline', await SMALL().jpeg().toBuffer()],
    ['jpg', 'progressive', await SMALL().jpeg({ progressive: true, quality: 100 }).toBuffer()],
    [
      'jpg',
      'with EXIF, XMP and a profile',
      await SMALL().withIccProfile('p3').withExif(exif).jpeg().toBuffer(),
    ],
    ['jpeg', 'CMYK', await SMALL().toColourspace('cmyk').jpeg().toBuffer()],
    ['jpeg', 'grey', await SMALL().greyscale().jpeg({ mozjpeg: true }).toBuffer()],
    ['png', 'plain', await SMALL().png().toBuffer()],
    ['png', 'interlaced, with a palette', await SMALL().png({ progressive: true, palette: true }).toBuffer()],
    ['png', 'with EXIF', await SMALL().ensureAlpha().withExif(exif).png().toBuffer()],
    ['gif', 'plain', await SMALL().gif().toBuffer()],
    [
      'gif',
      'animated',
      await sharp(await frames(), { join: { animated: true } })
        .gif()
        .toBuffer(),
    ],
    ['webp', 'lossy', await SMALL().webp().toBuffer()],
    ['webp', 'lossless', await SMALL().webp({ lossless: true }).toBuffer()],
    ['webp', 'with alpha and EXIF', await SMALL().ensureAlpha(0.5).withExif(exif).webp().toBuffer()],
    [
      'webp',
      'animated',
      await sharp(await frames(), { join: { animated: true } })
        .webp()
        .toBuffer(),
    ],
    ['bmp', '24 bits', bmp(pixels, 24)],
    ['bmp', 'a palette, without the last padding', bmp(pixels, 1).subarray(0, -3)],
    ['bmp', '16 bits with masks', bmp(pixels, 16, { masks: true, topDown: true })],
  ]
}
