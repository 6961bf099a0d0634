import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { fileTypeFromBuffer } from 'file-type'
import sharp, { type Sharp } from 'sharp'
import { decodeBmp } from './bmp.ts'
import { ThumbnailImpossible } from './errors.ts'
import { createGate } from './gate.ts'
import { THUMBNAIL_FORMATS, THUMBNAIL_SIZES, type ThumbnailFormat, type ThumbnailSize } from './keys.ts'

export interface Thumbnail {
  size: ThumbnailSize
  format: ThumbnailFormat
  mimeType: 'image/webp' | 'image/jpeg'
  data: Buffer
  width: number
  height: number
}

export interface ThumbnailerOptions {
  /**
   * Pictures of more pixels have no thumbnail. 50 million by default, half of what an upload may have: telephones
   * mostly make less, some can make more, but an interlaced picture of that size needs 400 MB already.
   */
  pixelLimit?: number
  /** How many pictures may be worked on at once; 2 by default, whoever asks for more waits. */
  atOnce?: number
  /** What each step of a picture may take; 30 by default. */
  timeoutSeconds?: number
  /** Threads that libvips uses for one picture; 1 by default, because jobs run side by side. */
  concurrency?: number
}

export interface Thumbnailer {
  /**
   * Every size in every format: inside size×size and never enlarged, upright, in sRGB, without metadata, of an
   * animation the first frame. A photograph cut off at its end still gives a thumbnail.
   *
   * Throws ThumbnailImpossible when the picture can never have one: not of an accepted format, broken, too many
   * pixels, or too long in the making. Other errors, those of the original's stream, may pass.
   */
  makeThumbnails(original: Buffer | string | Readable): Promise<Thumbnail[]>
}

// Sharp would also load SVG with scripts, PDF and more: what it may try is decided before it sees the file.
const LOADED_BY_SHARP: readonly string[] = ['jpg', 'png', 'apng', 'gif', 'webp']
const LARGEST = Math.max(...THUMBNAIL_SIZES)

/** Creates a thumbnailer, and sets libvips, which has one setting a process, to its options. */
export function createThumbnailer({
  pixelLimit = 50e6,
  concurrency = 1,
  atOnce = 2,
  timeoutSeconds = 30,
}: ThumbnailerOptions = {}): Thumbnailer {
  sharp.concurrency(concurrency)
  // Uploads are seen once: a cache of them would be memory for nothing.
  sharp.cache(false)
  const inTurn = createGate(atOnce)
  const limits = { pixelLimit, timeoutSeconds }

  return {
    async makeThumbnails(original) {
      const file = await contentOf(original)
      return inTurn(() => impossibleIfBroken(() => shrinkAll(file, limits)))
    },
  }
}

type Limits = Required<Pick<ThumbnailerOptions, 'pixelLimit' | 'timeoutSeconds'>>

/** Decodes once, to the largest size; the smaller ones are made of that. */
async function shrinkAll(file: Buffer, limits: Limits): Promise<Thumbnail[]> {
  const picture = await decode(file, limits.pixelLimit)
  const { data, info } = await picture
    .autoOrient()
    .resize({ width: LARGEST, height: LARGEST, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .timeout({ seconds: limits.timeoutSeconds })
    .raw()
    .toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  const wanted = THUMBNAIL_SIZES.flatMap((size) => THUMBNAIL_FORMATS.map((format) => ({ size, format })))
  return Promise.all(wanted.map(({ size, format }) => shrink(sharp(data, { raw }), size, format)))
}

async function contentOf(original: Buffer | string | Readable): Promise<Buffer> {
  if (Buffer.isBuffer(original)) return original
  return typeof original === 'string' ? readFile(original) : buffer(original)
}

async function decode(file: Buffer, pixelLimit: number): Promise<Sharp> {
  const format = (await fileTypeFromBuffer(file))?.ext ?? 'unknown'
  if (format === 'bmp') {
    const { data, width, height } = decodeBmp(file, pixelLimit)
    return sharp(data, { raw: { width, height, channels: 4 } })
  }
  if (!LOADED_BY_SHARP.includes(format)) throw new RangeError(`no picture of an accepted format (${format})`)
  // Real photographs are often damaged or cut off; libvips shows what it can.
  return sharp(file, { limitInputPixels: pixelLimit, failOn: 'none' })
}

/** What fails on a whole file in memory fails again; so does, as good as always, what took too long. */
async function impossibleIfBroken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ThumbnailImpossible(`No thumbnail can be made: ${message}`, { cause: error })
  }
}

async function shrink(picture: Sharp, size: ThumbnailSize, format: ThumbnailFormat): Promise<Thumbnail> {
  const fitted = picture.resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true })
  const encoded =
    format === 'webp' ? fitted.webp({ quality: 80 }) : flattened(fitted).jpeg({ quality: 80, mozjpeg: true })
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true })
  return { size, format, mimeType: `image/${format}`, data, width: info.width, height: info.height }
}

/** JPEG has no transparency: what is behind is white, as on a page. */
function flattened(picture: Sharp): Sharp {
  return picture.flatten({ background: '#ffffff' })
}
