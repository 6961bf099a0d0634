import { readBmpHeader } from '../bmp.ts'
import { allowedSize, damaged, type Parsing, type PictureSize } from './parser.ts'

/** The file header and the least that can follow it. */
const HEADER_BYTES = 54
/** Run-length encodings, and JPEG and PNG in a bitmap: these say their length themselves. */
const COMPRESSED = [1, 2, 4, 5]

/** A Windows bitmap, up to the last of its pixels. */
export function* parseBmp(): Parsing<PictureSize> {
  const head = yield { take: HEADER_BYTES }
  const header = readBmpHeader(head)
  if (header === undefined) throw damaged('its header makes no sense')
  const { width, height, bitsPerPixel, compression, pixelOffset } = header
  const size = allowedSize(width, height)
  const rows = Math.ceil((width * bitsPerPixel) / 32) * 4 * height
  const pixels = COMPRESSED.includes(compression) ? head.readUInt32LE(34) : rows
  yield { skip: Math.max(pixelOffset + pixels - HEADER_BYTES, 0) }
  return size
}
