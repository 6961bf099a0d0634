/** Writes a bitmap of `bits` per pixel from rows of RGB numbers, bottom up like most, or top down. */
export function bmp(
  rows: number[][],
  bits: 1 | 4 | 8 | 16 | 24 | 32,
  { topDown = false, masks = false } = {},
): Buffer {
  const height = rows.length
  const width = rows[0]!.length
  const palette = bits <= 8 ? [...new Set(rows.flat())] : []
  const extra = palette.length * 4 + (masks ? 12 : 0)
  const stride = Math.ceil((width * bits) / 32) * 4
  const file = Buffer.alloc(54 + extra + stride * height)
  file.write('BM')
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(54 + extra, 10)
  file.writeUInt32LE(40, 14)
  file.writeInt32LE(width, 18)
  file.writeInt32LE(topDown ? -height : height, 22)
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(bits, 28)
  file.writeUInt32LE(masks ? 3 : 0, 30)
  file.writeUInt32LE(palette.length, 46)
  for (const [index, colour] of palette.entries()) file.writeUInt32LE(colour, 54 + index * 4)
  // 5-6-5, the common other layout of 16 bits, or red and blue swapped in 32 bits.
  const layout = bits === 16 ? [0xf800, 0x07e0, 0x001f] : [0x0000ff, 0x00ff00, 0xff0000]
  if (masks) for (const [index, mask] of layout.entries()) file.writeUInt32LE(mask, 54 + index * 4)

  for (const [y, row] of rows.entries()) {
    const start = 54 + extra + (topDown ? y : height - 1 - y) * stride
    for (const [x, colour] of row.entries()) {
      if (bits <= 8) {
        const at = start + Math.floor((x * bits) / 8)
        file[at]! |= palette.indexOf(colour) << (8 - bits - ((x * bits) % 8))
      } else {
        file.writeUIntLE(pack(colour, bits, masks), start + (x * bits) / 8, bits / 8)
      }
    }
  }
  return file
}

function pack(colour: number, bits: number, masks: boolean): number {
  const [red, green, blue] = [colour >> 16, (colour >> 8) & 255, colour & 255]
  if (bits === 16 && masks) return ((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3)
  if (bits === 16) return ((red >> 3) << 10) | ((green >> 3) << 5) | (blue >> 3)
  return masks ? (blue << 16) | (green << 8) | red : colour
}

/** The same picture with the header of OS/2: 16-bit sizes, 3 bytes an entry of the palette. */
export function coreBmp(rows: number[][], bits: 1 | 4 | 8 | 24): Buffer {
  const file = bmp(rows, bits)
  const pixels = file.subarray(file.readUInt32LE(10))
  const palette = Array.from({ length: file.readUInt32LE(46) }, (_, index) =>
    file.subarray(54 + index * 4, 57 + index * 4),
  )
  const header = Buffer.alloc(26)
  header.write('BM')
  header.writeUInt32LE(26 + palette.length * 3, 10)
  header.writeUInt32LE(12, 14)
  header.writeUInt16LE(rows[0]!.length, 18)
  header.writeUInt16LE(rows.length, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt16LE(bits, 24)
  return Buffer.concat([header, ...palette, pixels])
}
