import { bmpHeaderBytes, readBmpHeader, rowBytes } from '../bmp-header.ts'
import { allowedSize, damaged, type Parsing, type PictureSize } from './parser.ts'

/** The file header, and what says how long the one behind it is. */
const START_BYTES = 18
/** Run-length encodings, and JPEG and PNG in a bitmap: these say their length themselves. */
const COMPRESSED = [1, 2, 4, 5]

/** A bitmap, up to the last of its pixels; the padding behind that is missing often enough. */
export function* parseBmp(): Parsing<PictureSize> {
  const start = yield { take: START_BYTES }
  const rest = yield { take: bmpHeaderBytes(start) - START_BYTES }
  const head = Buffer.concat([start, rest])
  const header = readBmpHeader(head)
  if (header === undefined) throw damaged('its header makes no sense')
  const size = allowedSize(header.width, header.height)
  const { used, stride } = rowBytes(header)
  const rows = stride * (header.height - 1) + used
  const pixels = COMPRESSED.includes(header.compression) ? head.readUInt32LE(34) : rows
  yield { skip: Math.max(header.pixelOffset + pixels - head.length, 0) }
  return size
}
