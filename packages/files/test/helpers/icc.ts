import { writeFile } from 'node:fs/promises'

type Triple = readonly [number, number, number]

const fixed = (value: number) => {
  const field = Buffer.alloc(4)
  field.writeInt32BE(Math.round(value * 65_536))
  return field
}
const tagged = (type: string, ...parts: Buffer[]) => Buffer.concat([Buffer.from(`${type}\0\0\0\0`), ...parts])
const xyz = (values: Triple) => tagged('XYZ ', ...values.map(fixed))

/** A colour profile (ICC 2.1) of an RGB space with these primaries, adapted to D50, and one gamma. */
export function rgbProfile(red: Triple, green: Triple, blue: Triple, gamma: number): Buffer {
  const curve = tagged('curv', Buffer.from([0, 0, 0, 1, Math.floor(gamma), Math.round((gamma % 1) * 256)]))
  const text = tagged('text', Buffer.from('made by a test\0'))
  const description = tagged('desc', Buffer.from([0, 0, 0, 5]), Buffer.from('test\0'), Buffer.alloc(78))
  const tags: [string, Buffer][] = [
    ['desc', description],
    ['cprt', text],
    ['wtpt', xyz([0.9642, 1, 0.8249])],
    ['rXYZ', xyz(red)],
    ['gXYZ', xyz(green)],
    ['bXYZ', xyz(blue)],
    ['rTRC', curve],
    ['gTRC', curve],
    ['bTRC', curve],
  ]
  const padded = tags.map(([, data]) => Buffer.concat([data, Buffer.alloc(-data.length & 3)]))
  const table = Buffer.alloc(4 + tags.length * 12)
  table.writeUInt32BE(tags.length)
  let at = 128 + table.length
  for (const [index, [name, data]] of tags.entries()) {
    table.write(name, 4 + index * 12, 'latin1')
    table.writeUInt32BE(at, 8 + index * 12)
    table.writeUInt32BE(data.length, 12 + index * 12)
    at += padded[index]!.length
  }
  const header = Buffer.alloc(128)
  header.writeUInt32BE(at)
  header.writeUInt32BE(0x02100000, 8)
  header.write('mntrRGB XYZ ', 12, 'latin1')
  header.write('acsp', 36, 'latin1')
  for (const [index, part] of [0.9642, 1, 0.8249].map(fixed).entries()) part.copy(header, 68 + index * 4)
  return Buffer.concat([header, table, ...padded])
}

/** Writes the profile of Adobe RGB (1998), which many cameras set, to `path`. */
export async function writeAdobeRgb(path: string): Promise<string> {
  const [red, green, blue] = [
    [0.60974, 0.31111, 0.01947],
    [0.20528, 0.62567, 0.06087],
    [0.14919, 0.06322, 0.74457],
  ] as const
  await writeFile(path, rgbProfile(red, green, blue, 2.19921875))
  return path
}
