import { FileRefused } from '../../src/errors.ts'
import { type PictureSize, watchPicture } from '../../src/pictures/parser.ts'
import { pictureParser } from '../../src/pictures/parsers.ts'

/** What the parser for `extension` says of a file that comes in chunks of `size` bytes: its size, or the refusal. */
export function verdictOn(extension: string, file: Buffer, size = 65_536): PictureSize | FileRefused {
  const parser = pictureParser(extension)
  if (parser === undefined) throw new Error(`no parser for ${extension}`)
  const watch = watchPicture(parser)
  try {
    for (let at = 0; at < file.length; at += size) watch.push(file.subarray(at, at + size))
    return watch.finish()
  } catch (error) {
    if (error instanceof FileRefused) return error
    throw error
  }
}
