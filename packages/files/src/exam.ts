import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { watchMarks } from './content-marks.ts'
import { FileRefused } from './errors.ts'
import { type PictureSize, watchPicture } from './pictures/parser.ts'
import { pictureParser } from './pictures/parsers.ts'
import { contentMismatch, HEAD_BYTES, type RefusedFile, refusalByContent, refusalBySize } from './probe.ts'
import type { FileType } from './types.ts'

/** The examination of one file: its content goes through `pass`, what was learnt is `result` afterwards. */
export interface Exam {
  /** The stream's content, stopped by FileRefused as soon as it is seen not to be what it should. */
  pass(stream: Readable): AsyncGenerator<Buffer>
  /** To be asked once. A picture has its size as it is seen, in pixels. */
  result(): { bytes: number; sha256: string } & Partial<PictureSize>
}

/** Starts the examination of a file that should be of `type` and have at most `maxBytes`. */
export function startExam(type: FileType, maxBytes: number | undefined): Exam {
  const hash = createHash('sha256')
  const marks = watchMarks(type.extension)
  const parser = pictureParser(type.extension)
  const picture = parser === undefined ? undefined : watchPicture(parser)
  let size: PictureSize | undefined
  let bytes = 0

  return {
    async *pass(stream) {
      for await (const chunk of gatherHead(stream)) {
        if (bytes === 0) refuseIf(await refusalByContent(type, chunk.subarray(0, HEAD_BYTES)))
        bytes += chunk.length
        refuseIf(refusalBySize(type, bytes, maxBytes))
        hash.update(chunk)
        marks.push(chunk)
        picture?.push(chunk)
        yield chunk
      }
      refuseIf(refusalBySize(type, bytes, maxBytes))
      if (wasTruncated(stream)) refuseIf({ code: 'too_large', message: 'The file is larger than allowed.' })
      if (!marks.seen()) refuseIf(contentMismatch(type))
      size = picture?.finish()
    },
    result: () => ({ bytes, sha256: hash.digest('hex'), ...size }),
  }
}

/** Throws the refusal as an error, if there is one. */
export function refuseIf(refusal: RefusedFile | undefined): void {
  if (refusal) throw new FileRefused(refusal.code, refusal.message)
}

/** The stream's chunks, the first of them grown to at least `HEAD_BYTES` or to the whole file. */
async function* gatherHead(stream: Readable): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0)
  // The stream stays alive when we stop early: its rest is for the caller to drain.
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (!head) {
      yield chunk
      continue
    }
    head = Buffer.concat([head, chunk])
    if (head.length < HEAD_BYTES) continue
    yield head
    head = undefined
  }
  if (head && head.length > 0) yield head
}

/** Busboy cuts a file at its limit, ends it as if it were whole, and leaves this mark. */
function wasTruncated(stream: Readable): boolean {
  return 'truncated' in stream && stream.truncated === true
}
