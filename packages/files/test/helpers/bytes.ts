import { deflateRawSync } from 'node:zlib'
import { crc32 } from './crc32.ts'

/** Files made from nothing, so that tests say what is in them. */

export const EXE = Buffer.concat([
  Buffer.from('MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00', 'latin1'),
  Buffer.alloc(48),
  Buffer.from('This program cannot be run in DOS mode.\r\r\n$'),
  Buffer.alloc(200),
])

export const ELF = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01\x00', 'latin1'), Buffer.alloc(120)])

export const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n',
)

export const RTF = Buffer.from('{\\rtf1\\ansi\\deff0 {\\fonttbl {\\f0 Arial;}} Printer is on fire.}')

export const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(document.domain)</script></svg>'

/** A zip with these entries, as common writers lay it out. */
export function zip(entries: Record<string, string | Buffer>): Buffer {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(entries)) {
    const plain = Buffer.from(content)
    const packed = deflateRawSync(plain)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(crc32(plain), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(plain.length, 18)
    fields.writeUInt16LE(Buffer.byteLength(name), 22)
    const header = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed])
    const record = Buffer.alloc(16)
    record.writeUInt32LE(offset, 12)
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, record.subarray(2), Buffer.from(name))
    local.push(header)
    offset += header.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(local.length, 8)
  end.writeUInt16LE(local.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}

const OOXML_MAIN = {
  docx: ['word/document.xml', 'wordprocessingml.document'],
  xlsx: ['xl/workbook.xml', 'spreadsheetml.sheet'],
  pptx: ['ppt/presentation.xml', 'presentationml.presentation'],
} as const

/** A minimal Office document. */
export function ooxml(kind: keyof typeof OOXML_MAIN): Buffer {
  const [part, type] = OOXML_MAIN[kind]
  const contentType = `application/vnd.openxmlformats-officedocument.${type}.main+xml`
  return zip({
    '[Content_Types].xml': `<Types><Override PartName="/${part}" ContentType="${contentType}"/></Types>`,
    '_rels/.rels': '<Relationships/>',
    [part]: '<document/>',
  })
}

/** A compound file (the container of old Office documents and of Windows installers) with named streams. */
export function compoundFile(...streams: string[]): Buffer {
  const header = Buffer.alloc(512)
  header.write('d0cf11e0a1b11ae1', 'hex')
  header.writeUInt16LE(0x3e, 24)
  header.writeUInt16LE(3, 26)
  header.writeUInt16LE(0xfffe, 28)
  header.writeUInt16LE(9, 30)
  const entries = ['Root Entry', ...streams].map((name) => {
    const entry = Buffer.alloc(128)
    entry.write(name, 'utf16le')
    entry.writeUInt16LE(name.length * 2 + 2, 64)
    return entry
  })
  // Directories come after the data as often as not, so past what a look at the start would see.
  return Buffer.concat([header, Buffer.alloc(20_000), ...entries])
}

/** A tar archive with one file. */
export function tar(name: string, content: string): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\x000000000\x000000000\x00', 100)
  header.write(`${content.length.toString(8).padStart(11, '0')}\x00`, 124)
  header.write('00000000000\x00', 136)
  header.write('        0', 148)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148)
  const body = Buffer.alloc(512)
  body.write(content)
  return Buffer.concat([header, body, Buffer.alloc(1024)])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** A PNG whose header promises `width`×`height` pixels and whose data is missing. */
export function pngHeader(width: number, height: number, depth = 1): Buffer {
  const ihdr = Buffer.alloc(13)
  ihdr.writeUInt32BE(width, 0)
  ihdr.writeUInt32BE(height, 4)
  ihdr[8] = depth
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  return Buffer.concat([
    signature,
    chunk('IHDR', ihdr),
    chunk('IDAT', Buffer.alloc(8)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** An animated PNG of two frames, each given as a PNG of the same size and kind. */
export function apng(first: Buffer, second: Buffer): Buffer {
  const header = first.subarray(0, 33)
  const size = first.subarray(16, 24)
  const control = (sequence: number) => {
    const place = Buffer.concat([Buffer.alloc(4), size, Buffer.alloc(8), Buffer.from([0, 1, 0, 10, 0, 0])])
    place.writeUInt32BE(sequence)
    return chunk('fcTL', place)
  }
  const pixels = Buffer.concat([Buffer.from([0, 0, 0, 2]), ...dataOf(second)])
  return Buffer.concat([
    header,
    chunk('acTL', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0])),
    control(0),
    ...dataOf(first).map((data) => chunk('IDAT', data)),
    control(1),
    chunk('fdAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function dataOf(png: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      found.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  }
  return found
}
