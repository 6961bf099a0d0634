import sharp from 'sharp'

export const RED = [220, 20, 20] as const
export const GREEN = [20, 200, 20] as const
export const BLUE = [20, 20, 220] as const
export const WHITE = [250, 250, 250] as const
export type Colour = readonly [red: number, green: number, blue: number]

/** A picture of four quarters in the given colours: top left, top right, bottom left, bottom right. */
export function quarters(
  width: number,
  height: number,
  colours: readonly Colour[] = [RED, GREEN, BLUE, WHITE],
) {
  const data = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const quarter = (y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)
      data.set(colours[quarter]!, (y * width + x) * 3)
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
}

/** The colour in the middle of each quarter of an encoded picture, as near as one of `palette`. */
export async function readQuarters(file: Buffer, palette: readonly Colour[] = [RED, GREEN, BLUE, WHITE]) {
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return [0.25, 0.75].flatMap((v) =>
    [0.25, 0.75].map((u) => {
      const at = (Math.floor(info.height * v) * info.width + Math.floor(info.width * u)) * info.channels
      return nearest([data[at]!, data[at + 1]!, data[at + 2]!], palette)
    }),
  )
}

function nearest(seen: Colour, palette: readonly Colour[]): Colour {
  const distance = (colour: Colour) =>
    colour.reduce((sum, value, index) => sum + (value - seen[index]!) ** 2, 0)
  return palette.toSorted((a, b) => distance(a) - distance(b))[0]!
}
