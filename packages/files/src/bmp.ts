import { ALPHA_BITFIELDS, BITFIELDS, type BmpHeader, RGB, readBmpHeader, rowBytes } from './bmp-header.ts'

/** A decoded bitmap: rows from the top, 4 bytes a pixel (RGBA), as sharp takes it. */
export interface RawPicture {
  data: Buffer
  width: number
  height: number
}

/** What thumbnails are made of has this many pixels on its longer side, and less than twice as many. */
const ENOUGH = 1200

/**
 * Decodes an uncompressed bitmap, which is what screenshot tools write; libvips has no loader for the format. Of a
 * large one only every so manieth row and column is read, because this runs in the event loop: what comes back has
 * fewer than 2,400 pixels on either side.
 *
 * Missing rows of a cut-off file are black. Throws RangeError for run-length compression and for a picture of
 * more than `pixelLimit` pixels.
 */
export function decodeBmp(file: Buffer, pixelLimit: number): RawPicture {
  const header = readBmpHeader(file)
  if (!header) throw new RangeError('not a Windows bitmap')
  if (header.width * header.height > pixelLimit) throw new RangeError(`more than ${pixelLimit} pixels`)
  if (![RGB, BITFIELDS, ALPHA_BITFIELDS].includes(header.compression)) {
    throw new RangeError('compressed bitmap')
  }

  const step = Math.max(Math.floor(Math.max(header.width, header.height) / ENOUGH), 1)
  const width = Math.ceil(header.width / step)
  const height = Math.ceil(header.height / step)
  const { used, stride } = rowBytes(header)
  const pixel = header.bitsPerPixel <= 8 ? paletteReader(header) : maskReader(header)
  const data = Buffer.alloc(width * height * 4)
  let isVisible = false
  for (let y = 0; y < height; y++) {
    const row = header.topDown ? y * step : header.height - 1 - y * step
    const start = header.pixelOffset + row * stride
    const line = file.subarray(start, start + used)
    for (let x = 0; x < width; x++) {
      const rgba = line.length === used ? pixel(line, x * step) : 0xff
      isVisible ||= line.length === used && (rgba & 0xff) !== 0
      data.writeUInt32BE(rgba, (y * width + x) * 4)
    }
  }
  // Many writers name a mask for alpha and then leave it zero everywhere.
  if (!isVisible) for (let at = 3; at < data.length; at += 4) data[at] = 0xff
  return { data, width, height }
}

/** Reads pixel `x` of a line as RGBA in one number. */
type PixelReader = (line: Buffer, x: number) => number

function paletteReader({ palette, paletteEntryBytes: bytes, bitsPerPixel }: BmpHeader): PixelReader {
  const perByte = 8 / bitsPerPixel
  return (line, x) => {
    const byte = line[Math.floor(x / perByte)] ?? 0
    const index = (byte >> (8 - bitsPerPixel * ((x % perByte) + 1))) & (2 ** bitsPerPixel - 1)
    if (index * bytes + bytes > palette.length) return 0xff
    return ((palette.readUIntLE(index * bytes, 3) << 8) | 0xff) >>> 0
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
