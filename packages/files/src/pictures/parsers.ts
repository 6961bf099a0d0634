import { parseBmp } from './bmp.ts'
import { parseGif } from './gif.ts'
import { parseJpeg } from './jpeg.ts'
import type { PictureParser } from './parser.ts'
import { parsePng } from './png.ts'
import { parseWebp } from './webp.ts'

const PARSERS: Readonly<Record<string, PictureParser>> = {
  png: parsePng,
  jpg: parseJpeg,
  jpeg: parseJpeg,
  gif: parseGif,
  bmp: parseBmp,
  webp: parseWebp,
}

/** The parser for a picture by the extension of its name, in lower case; undefined for what is no picture. */
export function pictureParser(extension: string): PictureParser | undefined {
  return PARSERS[extension]
}
