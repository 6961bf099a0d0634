import { allowedSize, damaged, type Parsing, type PictureSize } from './parser.ts'

const EXTENSION = 0x21
const IMAGE = 0x2c
const TRAILER = 0x3b
const PADDING = 0x00

/** GIF87a and GIF89a: blocks up to the trailer, at least one of them an image. */
export function* parseGif(): Parsing<PictureSize> {
  const header = yield { take: 13 }
  if (!/^GIF8[79]a/.test(header.toString('latin1', 0, 6))) throw damaged('it does not begin like a GIF')
  let size = { width: header.readUInt16LE(6), height: header.readUInt16LE(8) }
  yield { skip: tableBytes(header[10]) }
  let images = 0

  for (;;) {
    const kind = (yield { take: 1 })[0]
    if (kind === TRAILER) break
    if (kind === IMAGE) {
      const descriptor = yield { take: 9 }
      const frame = allowedSize(descriptor.readUInt16LE(4), descriptor.readUInt16LE(6))
      // A screen without a size is as large as its first image.
      if (size.width === 0 || size.height === 0) size = frame
      // Not before an image is there: a text that begins like a GIF has no size.
      allowedSize(size.width, size.height)
      images += 1
      yield { skip: tableBytes(descriptor[8]) + 1 }
      yield { scan: subBlocks() }
    } else if (kind === EXTENSION) {
      yield { skip: 1 }
      yield { scan: subBlocks() }
    } else if (kind !== PADDING) {
      throw damaged('there is something else in the middle of it')
    }
  }
  if (images === 0) throw damaged('there is nothing in it')
  return size
}

/** Size of the colour table that follows, by the flags that announce it. */
function tableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0
}

/** Passes over sub-blocks, each after a byte that is its length, up to the empty one. */
function subBlocks(): (chunk: Buffer, at: number) => number {
  let left = 0
  return (chunk, from) => {
    for (let at = from; at < chunk.length; ) {
      if (left === 0) {
        left = chunk[at] ?? 0
        at += 1
        if (left === 0) return at
        continue
      }
      const passed = Math.min(left, chunk.length - at)
      left -= passed
      at += passed
    }
    return -1
  }
}
