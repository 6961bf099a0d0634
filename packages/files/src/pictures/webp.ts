import { exifOrientation, uprightSize } from './exif.ts'
import { allowedSize, damaged, type Parsing, type PictureSize } from './parser.ts'

const CHUNK_HEAD_BYTES = 8
/** What of an EXIF chunk is read at most: the orientation stands at its beginning. */
const EXIF_BYTES = 65_535
/** Chunks that hold pixels, and how many bytes in they have told the size. */
const PIXELS: Readonly<Record<string, number>> = { 'VP8 ': 10, VP8L: 5, ANMF: 0 }

/** WebP: a RIFF file that is as long as it says, with at least one chunk of pixels in it. */
export function* parseWebp(): Parsing<PictureSize> {
  const header = yield { take: 12 }
  if (header.toString('latin1', 0, 4) !== 'RIFF' || header.toString('latin1', 8) !== 'WEBP') {
    throw damaged('it does not begin like a WebP')
  }
  let left = header.readUInt32LE(4) - 4
  let size: PictureSize | undefined
  let orientation = 1
  let hasPixels = false

  while (left >= CHUNK_HEAD_BYTES) {
    const head = yield { take: CHUNK_HEAD_BYTES }
    const type = head.toString('latin1', 0, 4)
    const length = head.readUInt32LE(4)
    left -= CHUNK_HEAD_BYTES
    if (length > left) throw damaged('one of its chunks is longer than all of it')
    const wanted = type === 'VP8X' ? 10 : type === 'EXIF' ? Math.min(length, EXIF_BYTES) : (PIXELS[type] ?? 0)
    if (wanted > length) throw damaged('one of its chunks is too short')
    const start = yield { take: wanted }
    if (type === 'EXIF') orientation = exifOrientation(start)
    // The extended header comes first and tells the size of the whole.
    size ??= sizeIn(type, start)
    hasPixels ||= type in PIXELS
    // Chunks are padded to an even length; the last one's padding is sometimes forgotten.
    const padded = Math.min(length + (length % 2), left)
    yield { skip: padded - wanted }
    left -= padded
  }
  yield { skip: Math.max(left, 0) }
  if (size === undefined || !hasPixels) throw damaged('there is nothing in it')
  return uprightSize(size, orientation)
}

function sizeIn(type: string, start: Buffer): PictureSize | undefined {
  if (type === 'VP8X') return allowedSize(start.readUIntLE(4, 3) + 1, start.readUIntLE(7, 3) + 1)
  if (type === 'VP8 ') {
    if (start.toString('hex', 3, 6) !== '9d012a') throw damaged('its frame header makes no sense')
    return allowedSize(start.readUInt16LE(6) & 0x3fff, start.readUInt16LE(8) & 0x3fff)
  }
  if (type !== 'VP8L') return undefined
  if (start[0] !== 0x2f) throw damaged('its frame header makes no sense')
  const bits = start.readUInt32LE(1)
  return allowedSize((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1)
}
