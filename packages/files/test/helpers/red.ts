import sharp from 'sharp'

/** A small red PNG. */
export function red(): Promise<Buffer> {
  return sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
}
