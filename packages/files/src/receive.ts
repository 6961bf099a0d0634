import { Readable } from 'node:stream'
import { FileRefused } from './errors.ts'
import { refuseIf, startExam } from './exam.ts'
import { safeFilename } from './file-name.ts'
import type { PictureSize } from './pictures/parser.ts'
import { type AcceptedFile, acceptedAs, refusalByDeclaredType, UNKNOWN_EXTENSION } from './probe.ts'
import type { FileStore } from './stores/store.ts'
import { typeForName } from './types.ts'

export interface IncomingFile {
  filename: string
  /** The Content-Type that the client sent, if any. */
  declaredType: string | undefined
  /** A limit in bytes below that of the category, such as what is left of a quota. */
  maxBytes?: number | undefined
}

/** What arrived, all of it examined; of a picture with its width and height in pixels, as it is seen. */
export interface ExaminedFile extends AcceptedFile, Partial<PictureSize> {
  /** The client's name, made safe. */
  filename: string
  bytes: number
  /** Lower-case hex. */
  sha256: string
}

/**
 * Reads a file to its end and stores it under `key`, deciding on the way whether it may stay: by name and
 * declared type before the first byte, by content once the first 8 KB are there, by size and, of a picture, by its
 * structure as it comes. Never more of it than a chunk is in memory.
 *
 * Throws FileRefused, the stream's own error when the sender goes away, or the store's. In every such case the
 * store keeps nothing, and the rest of a stream that still flows is read and thrown away, because a multipart
 * parser goes on to the next part only then. A stream with `truncated` set (busboy's limit) was too large.
 */
export async function receiveFile(
  stream: Readable,
  file: IncomingFile & { store: FileStore; key: string },
): Promise<ExaminedFile> {
  const { store, key } = file
  return examine(stream, file, (chunks, { isPicture }) =>
    store.put(key, Readable.from(chunks, { objectMode: false }), { isPicture }),
  )
}

/** The same decision as `receiveFile`, with nothing stored. Throws FileRefused. */
export async function examineFile(stream: Readable, file: IncomingFile): Promise<ExaminedFile> {
  return examine(stream, file, readAll)
}

async function examine(
  stream: Readable,
  file: IncomingFile,
  consume: (chunks: AsyncIterable<Buffer>, as: AcceptedFile) => Promise<unknown>,
): Promise<ExaminedFile> {
  const filename = safeFilename(file.filename)
  const type = typeForName(filename)
  // Once a file is refused nobody listens to its stream, and a sender that then goes away must not end us.
  stream.on('error', () => {})
  try {
    if (!type) throw new FileRefused(UNKNOWN_EXTENSION.code, UNKNOWN_EXTENSION.message)
    refuseIf(refusalByDeclaredType(type, file.declaredType))
    const exam = startExam(type, file.maxBytes)
    await consume(exam.pass(stream), acceptedAs(type))
    return { filename, ...acceptedAs(type), ...exam.result() }
  } finally {
    stream.resume()
  }
}

async function readAll(chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of chunks);
}
