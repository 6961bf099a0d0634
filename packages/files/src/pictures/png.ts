import { crc32 } from 'node:zlib'
import { exifOrientation, uprightSize } from './exif.ts'
import { allowedSize, damaged, type Parsing, type PictureSize } from './parser.ts'

const SIGNATURE = '\x89PNG\r\n\x1a\n'
const IHDR_BYTES = 13
/** The bit depths of each colour type. */
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}
/** What of an eXIf chunk is read at most: the orientation stands at its beginning. */
const EXIF_BYTES = 65_535

/** PNG and APNG: chunks from IHDR to IEND. The checksum of IHDR is checked, the others are the decoder's. */
export function* parsePng(): Parsing<PictureSize> {
  const signature = yield { take: 8 }
  if (signature.toString('latin1') !== SIGNATURE) throw damaged('it does not begin like a PNG')
  const size = yield* readHeader()
  let orientation = 1
  let hasData = false

  for (;;) {
    const head = yield { take: 8 }
    const length = head.readUInt32BE()
    const type = head.toString('latin1', 4)
    if (length > 0x7fffffff || !/^[a-z]{4}$/i.test(type)) throw damaged('one of its chunks is none')
    let taken = 0
    if (type === 'IDAT') hasData = true
    if (type === 'eXIf') {
      taken = Math.min(length, EXIF_BYTES)
      orientation = exifOrientation(yield { take: taken })
    }
    yield { skip: length - taken + 4 }
    if (type === 'IEND') break
  }
  if (!hasData) throw damaged('there is nothing in it')
  return uprightSize(size, orientation)
}

function* readHeader(): Parsing<PictureSize> {
  const chunk = yield { take: 8 + IHDR_BYTES + 4 }
  const isHeader = chunk.readUInt32BE() === IHDR_BYTES && chunk.toString('latin1', 4, 8) === 'IHDR'
  if (!isHeader || crc32(chunk.subarray(4, -4)) !== chunk.readUInt32BE(chunk.length - 4)) {
    throw damaged('its header is not whole')
  }
  const [depth = 0, colourType = 0, compression, filter, interlace = 0] = chunk.subarray(16)
  const isKnown = DEPTHS[colourType]?.includes(depth) && compression === 0 && filter === 0 && interlace <= 1
  if (!isKnown) throw damaged('its header makes no sense')
  return allowedSize(chunk.readUInt32BE(8), chunk.readUInt32BE(12))
}
