/** A decoded bitmap: rows from the top, 4 bytes a pixel (RGBA), as sharp takes it. */
export interface RawPicture {
  data: Buffer
  width: number
  height: number
}

/** What the headers of a BMP file say; `palette` holds BGRx quadruples. */
export interface BmpHeader {
  width: number
  height: number
  topDown: boolean
  bitsPerPixel: number
  compression: number
  pixelOffset: number
  palette: Buffer
  masks: readonly [red: number, green: number, blue: number, alpha: number]
}

const RGB = 0
const BITFIELDS = 3
const ALPHA_BITFIELDS = 6
const HEADER_SIZES = [40, 52, 56, 64, 108, 124]
const DEPTHS = [1, 4, 8, 16, 24, 32]

/**
 * Reads the headers of a Windows bitmap (BITMAPINFOHEADER and its successors), or answers undefined when they
 * make no sense: two letters "BM" alone are no picture. Needs the first 4 KB of the file.
 */
export function readBmpHeader(head: Buffer): BmpHeader | undefined {
  if (head.length < 54 || head.toString('latin1', 0, 2) !== 'BM') return undefined
  const headerSize = head.readUInt32LE(14)
  const height = head.readInt32LE(22)
  const bitsPerPixel = head.readUInt16LE(28)
  const header = {
    width: head.readInt32LE(18),
    height: Math.abs(height),
    topDown: height < 0,
    bitsPerPixel,
    compression: head.readUInt32LE(30),
    pixelOffset: head.readUInt32LE(10),
  }
  const sane =
    HEADER_SIZES.includes(headerSize) &&
    head.readUInt16LE(26) === 1 &&
    DEPTHS.includes(bitsPerPixel) &&
    header.width > 0 &&
    header.height > 0 &&
    header.pixelOffset >= 14 + headerSize
  if (!sane) return undefined

  const paletteAt = 14 + headerSize
  const colours =
    bitsPerPixel > 8 ? 0 : Math.min(head.readUInt32LE(46) || 2 ** bitsPerPixel, 2 ** bitsPerPixel)
  const palette = head.subarray(paletteAt, Math.min(paletteAt + colours * 4, header.pixelOffset))
  return { ...header, palette, masks: readMasks(head, header.compression, bitsPerPixel) }
}

/** Colour masks stand after the first 40 bytes of the header, inside it or behind it. */
function readMasks(head: Buffer, compression: number, bits: number): BmpHeader['masks'] {
  const explicit = compression === BITFIELDS || compression === ALPHA_BITFIELDS
  if (!explicit) return bits === 16 ? [0x7c00, 0x03e0, 0x001f, 0] : [0xff0000, 0xff00, 0xff, 0]
  const mask = (index: number) => (head.length >= 58 + index * 4 ? head.readUInt32LE(54 + index * 4) : 0)
  const hasAlpha = compression === ALPHA_BITFIELDS || head.readUInt32LE(14) >= 56
  return [mask(0), mask(1), mask(2), hasAlpha ? mask(3) : 0]
}

/**
 * Decodes an uncompressed bitmap, which is what screenshot tools write; libvips has no loader for the format.
 * Missing rows of a cut-off file are black. Throws RangeError for run-length compression and for a picture of
 * more than `pixelLimit` pixels.
 */
export function decodeBmp(file: Buffer, pixelLimit: number): RawPicture {
  const header = readBmpHeader(file)
  if (!header) throw new RangeError('not a Windows bitmap')
  const { width, height, bitsPerPixel, compression } = header
  if (width * height > pixelLimit) throw new RangeError(`more than ${pixelLimit} pixels`)
  if (![RGB, BITFIELDS, ALPHA_BITFIELDS].includes(compression)) throw new RangeError('compressed bitmap')

  const stride = Math.ceil((width * bitsPerPixel) / 32) * 4
  const pixel = bitsPerPixel <= 8 ? paletteReader(header) : maskReader(header)
  const data = Buffer.alloc(width * height * 4)
  for (let row = 0; row < height; row++) {
    const start = header.pixelOffset + (header.topDown ? row : height - 1 - row) * stride
    const line = file.subarray(start, start + stride)
    for (let x = 0; x < width; x++) {
      data.writeUInt32BE(line.length === stride ? pixel(line, x) : 0xff, (row * width + x) * 4)
    }
  }
  return { data, width, height }
}

/** Reads pixel `x` of a line as RGBA in one number. */
type PixelReader = (line: Buffer, x: number) => number

function paletteReader({ palette, bitsPerPixel }: BmpHeader): PixelReader {
  const perByte = 8 / bitsPerPixel
  return (line, x) => {
    const byte = line[Math.floor(x / perByte)] ?? 0
    const index = (byte >> (8 - bitsPerPixel * ((x % perByte) + 1))) & (2 ** bitsPerPixel - 1)
    // Stored as blue, green, red, unused.
    return index * 4 + 4 > palette.length ? 0xff : ((palette.readUInt32LE(index * 4) << 8) | 0xff) >>> 0
  }
}

function maskReader({ masks, bitsPerPixel }: BmpHeader): PixelReader {
  const bytes = bitsPerPixel / 8
  const red = channelReader(masks[0])
  const green = channelReader(masks[1])
  const blue = channelReader(masks[2])
  const alpha = masks[3] === 0 ? () => 255 : channelReader(masks[3])
  return (line, x) => {
    const value = line.readUIntLE(x * bytes, bytes)
    return ((red(value) << 24) | (green(value) << 16) | (blue(value) << 8) | alpha(value)) >>> 0
  }
}

/** A channel of any width scaled to 0–255. */
function channelReader(mask: number): (value: number) => number {
  if (mask === 0) return () => 0
  const shift = 31 - Math.clz32(mask & -mask)
  const max = mask >>> shift
  return (value) => Math.round((((value & mask) >>> shift) * 255) / max)
}
