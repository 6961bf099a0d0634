import { FileRefused } from '../errors.ts'

export interface PictureSize {
  width: number
  height: number
}

/**
 * What a parser wants of the file next: `take` so many bytes (at most 64 KB), `skip` so many, or `scan` on its own:
 * the function gets a chunk and where to begin in it, and answers the position behind what it looked for, or -1 when
 * the chunk does not hold it.
 */
export type Step = { take: number } | { skip: number } | { scan: (chunk: Buffer, at: number) => number }

/** Part of a parser: wants bytes and comes to a result. */
export type Parsing<Result> = Generator<Step, Result, Buffer>

/**
 * Reads a picture from its first byte to its last, which need not be the file's. Answers its size in pixels as it is
 * seen. Throws FileRefused when its structure does not hold, or when it has too many pixels.
 */
export type PictureParser = () => Parsing<PictureSize>

/** A picture that goes by in chunks. */
export interface PictureWatch {
  /** Throws FileRefused as soon as the picture is seen to be damaged or too large. */
  push(chunk: Buffer): void
  /** The size of the picture, once everything went by. Throws FileRefused when its end did not. */
  finish(): PictureSize
}

const NOTHING = Buffer.alloc(0)

/** Runs a parser on what goes by; what it skips or scans is never kept. */
export function watchPicture(parser: PictureParser): PictureWatch {
  const parsing = parser()
  let state = parsing.next()
  let held: Buffer[] = []
  /** Bytes that the present step has had. */
  let had = 0
  const goOn = (bytes: Buffer) => {
    held = []
    had = 0
    state = parsing.next(bytes)
  }

  return {
    push(chunk) {
      let at = 0
      while (!state.done) {
        const step = state.value
        if ('scan' in step) {
          at = step.scan(chunk, at)
          if (at === -1) return
          goOn(NOTHING)
          continue
        }
        const wanted = 'take' in step ? step.take : step.skip
        const part = chunk.subarray(at, at + wanted - had)
        at += part.length
        had += part.length
        if ('take' in step) held.push(part)
        if (had < wanted) return
        goOn(held.length === 1 ? part : Buffer.concat(held))
      }
    },
    finish() {
      if (!state.done) throw damaged('it ends too soon')
      return state.value
    },
  }
}

/** The refusal of a picture whose structure does not hold; `what` goes on the sentence. */
export function damaged(what: string): FileRefused {
  return new FileRefused('type_mismatch', `The picture is cut off or damaged: ${what}.`)
}

/** More is a bomb: a few hundred kilobytes can say that they are gigabytes of pixels. */
export const MAX_PIXELS = 100e6

/** The size, if a picture may have it. Throws FileRefused. */
export function allowedSize(width: number, height: number): PictureSize {
  if (width <= 0 || height <= 0) throw damaged('it has no width or no height')
  if (width * height > MAX_PIXELS) {
    throw new FileRefused('too_large', `Pictures may have at most ${MAX_PIXELS / 1e6} megapixels.`)
  }
  return { width, height }
}
