/** What the headers of a BMP file say; an entry of `palette` is blue, green, red and, of 4 bytes, one unused. */
export interface BmpHeader {
  width: number
  height: number
  topDown: boolean
  bitsPerPixel: number
  compression: number
  pixelOffset: number
  palette: Buffer
  paletteEntryBytes: 3 | 4
  masks: readonly [red: number, green: number, blue: number, alpha: number]
}

export const RGB = 0
export const BITFIELDS = 3
export const ALPHA_BITFIELDS = 6
/** The header of OS/2 and Windows 2, with sizes of 16 bits and without a compression. */
const CORE_HEADER = 12
const HEADER_SIZES = [40, 52, 56, 64, 108, 124]
const DEPTHS = [1, 4, 8, 16, 24, 32]

/** How many bytes of a file, of which the first 18 are given, `readBmpHeader` needs at least. */
export function bmpHeaderBytes(start: Buffer): number {
  return start.readUInt32LE(14) === CORE_HEADER ? 14 + CORE_HEADER : 54
}

/**
 * Reads the headers of a bitmap (BITMAPCOREHEADER, BITMAPINFOHEADER and its successors), or answers undefined when
 * they make no sense: two letters "BM" alone are no picture. Needs the first 4 KB of the file for its palette.
 */
export function readBmpHeader(head: Buffer): BmpHeader | undefined {
  if (head.length < 18 || head.toString('latin1', 0, 2) !== 'BM') return undefined
  if (head.length < bmpHeaderBytes(head)) return undefined
  const headerSize = head.readUInt32LE(14)
  const isCore = headerSize === CORE_HEADER
  const fields = isCore ? coreFields(head) : infoFields(head)
  const { width, height, planes, bitsPerPixel, colours } = fields
  const pixelOffset = head.readUInt32LE(10)
  const paletteAt = 14 + headerSize
  const sane =
    (isCore || HEADER_SIZES.includes(headerSize)) &&
    planes === 1 &&
    DEPTHS.includes(bitsPerPixel) &&
    width > 0 &&
    height !== 0 &&
    pixelOffset >= paletteAt
  if (!sane) return undefined

  const paletteEntryBytes = isCore ? 3 : 4
  const entries = bitsPerPixel > 8 ? 0 : Math.min(colours || 2 ** bitsPerPixel, 2 ** bitsPerPixel)
  return {
    width,
    height: Math.abs(height),
    topDown: height < 0,
    bitsPerPixel,
    compression: fields.compression,
    pixelOffset,
    palette: head.subarray(paletteAt, Math.min(paletteAt + entries * paletteEntryBytes, pixelOffset)),
    paletteEntryBytes,
    masks: readMasks(head, fields.compression, bitsPerPixel),
  }
}

function coreFields(head: Buffer) {
  return {
    width: head.readUInt16LE(18),
    height: head.readUInt16LE(20),
    planes: head.readUInt16LE(22),
    bitsPerPixel: head.readUInt16LE(24),
    compression: RGB,
    colours: 0,
  }
}

function infoFields(head: Buffer) {
  return {
    width: head.readInt32LE(18),
    height: head.readInt32LE(22),
    planes: head.readUInt16LE(26),
    bitsPerPixel: head.readUInt16LE(28),
    compression: head.readUInt32LE(30),
    colours: head.readUInt32LE(46),
  }
}

/** Bytes of a row's pixels, and of the row with its padding to a multiple of 4. */
export function rowBytes({ width, bitsPerPixel }: BmpHeader): { used: number; stride: number } {
  return {
    used: Math.ceil((width * bitsPerPixel) / 8),
    stride: Math.ceil((width * bitsPerPixel) / 32) * 4,
  }
}

/** Colour masks stand after the first 40 bytes of the header, inside it or behind it. */
function readMasks(head: Buffer, compression: number, bits: number): BmpHeader['masks'] {
  const explicit = compression === BITFIELDS || compression === ALPHA_BITFIELDS
  if (!explicit) return bits === 16 ? [0x7c00, 0x03e0, 0x001f, 0] : [0xff0000, 0xff00, 0xff, 0]
  const mask = (index: number) => (head.length >= 58 + index * 4 ? head.readUInt32LE(54 + index * 4) : 0)
  const hasAlpha = compression === ALPHA_BITFIELDS || head.readUInt32LE(14) >= 56
  return [mask(0), mask(1), mask(2), hasAlpha ? mask(3) : 0]
}
