import sharp from 'sharp'
import { readBmpHeader } from './bmp.ts'

export interface PictureSize {
  width: number
  height: number
}

/**
 * Width and height in pixels of a picture as it is seen, that is after its EXIF orientation, or undefined when
 * the bytes do not tell. The start of the file is enough when it holds the headers. Nothing is decoded, so the
 * number of pixels needs no limit.
 */
export async function pictureSize(head: Buffer): Promise<PictureSize | undefined> {
  const bmp = readBmpHeader(head)
  if (bmp) return { width: bmp.width, height: bmp.height }
  try {
    const { autoOrient } = await sharp(head, { failOn: 'none', limitInputPixels: false }).metadata()
    return { width: autoOrient.width, height: autoOrient.height }
  } catch {
    return undefined
  }
}
