import { exifOrientation, uprightSize } from './exif.ts'
import { allowedSize, damaged, type Parsing, type PictureSize } from './parser.ts'

const SOI = 0xd8
const EOI = 0xd9
const SOS = 0xda
const DNL = 0xdc
const APP1 = 0xe1
const TEM = 0x01
/** Huffman tables, a reserved code and arithmetic conditioning lie among the frame headers. */
const NO_FRAMES = [0xc4, 0xc8, 0xcc]
const EXIF = Buffer.from('Exif\0\0')

/**
 * JPEG by ITU T.81: segments and entropy-coded data up to the end of the first image. A thumbnail in EXIF has an end
 * of its own and is passed over with its segment; what follows the end (a video, more pictures) is not looked at.
 */
export function* parseJpeg(): Parsing<PictureSize> {
  const start = yield { take: 2 }
  if (start.readUInt16BE() !== 0xff00 + SOI) throw damaged('it does not begin like a JPEG')
  let frame: { width: number; height: number } | undefined
  let orientation: number | undefined
  let scans = 0

  for (;;) {
    const marker = yield* nextMarker()
    if (marker === EOI) break
    if (marker === TEM) continue
    if (marker < 0xc0 || marker === SOI) throw damaged('there is something else in the middle of it')
    const length = (yield { take: 2 }).readUInt16BE() - 2
    if (length < 0) throw damaged('one of its segments has no length')
    if (marker === APP1 && orientation === undefined) {
      const segment = yield { take: length }
      if (segment.indexOf(EXIF) === 0) orientation = exifOrientation(segment)
    } else if (isFrameHeader(marker) && frame === undefined) {
      const header = yield { take: length }
      if (length < 6) throw damaged('its frame header is too short')
      frame = { height: header.readUInt16BE(1), width: header.readUInt16BE(3) }
      // A height of 0 is told after the first scan.
      allowedSize(frame.width, frame.height || 1)
    } else if (marker === DNL && frame?.height === 0) {
      const lines = yield { take: length }
      if (length >= 2) frame = allowedSize(frame.width, lines.readUInt16BE())
    } else {
      if (marker === SOS) scans += 1
      yield { skip: length }
    }
  }
  if (frame === undefined) throw damaged('it has no frame header')
  if (scans === 0) throw damaged('there is nothing in it')
  return uprightSize(allowedSize(frame.width, frame.height), orientation ?? 1)
}

const isFrameHeader = (marker: number) => marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.includes(marker)

/**
 * The next marker, past entropy-coded data with its stuffed zeros and restarts, and, as every decoder does it, past
 * fill bytes and strays between segments.
 */
function* nextMarker(): Parsing<number> {
  let marker = 0
  let isAfterFF = false
  const scan = (chunk: Buffer, from: number) => {
    for (let at = from; at < chunk.length; at++) {
      if (!isAfterFF) {
        at = chunk.indexOf(0xff, at)
        if (at === -1) return -1
        isAfterFF = true
        continue
      }
      const code = chunk[at] ?? 0
      if (code === 0xff) continue
      isAfterFF = false
      if (code === 0 || (code >= 0xd0 && code <= 0xd7)) continue
      marker = code
      return at + 1
    }
    return -1
  }
  yield { scan }
  return marker
}
