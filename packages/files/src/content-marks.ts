/**
 * What a container must name somewhere inside to be the document that its extension promises. Both zip and
 * compound files keep the names of their parts uncompressed, so a plain search finds them, wherever the writer
 * put them: an installer renamed to .doc or an app package renamed to .docx has none of these.
 */
const utf16 = (name: string) => Buffer.from(name, 'utf16le')
const ENCRYPTED_OFFICE = utf16('EncryptedPackage')

const MARKS: Readonly<Record<string, readonly Buffer[]>> = {
  doc: [utf16('WordDocument')],
  xls: [utf16('Workbook'), utf16('Book')],
  ppt: [utf16('PowerPoint Document')],
  docx: [Buffer.from('word/'), ENCRYPTED_OFFICE],
  xlsx: [Buffer.from('xl/'), ENCRYPTED_OFFICE],
  pptx: [Buffer.from('ppt/'), ENCRYPTED_OFFICE],
}

/** Watches content go by in chunks for the marks of its extension. */
export interface MarkWatch {
  push(chunk: Buffer): void
  /** Whether a mark was seen; always true for an extension that needs none. */
  seen(): boolean
}

/** A watch for one file. `extension` is in lower case. */
export function watchMarks(extension: string): MarkWatch {
  const marks = MARKS[extension] ?? []
  const overlap = Math.max(0, ...marks.map((mark) => mark.length - 1))
  let found = marks.length === 0
  let tail: Buffer = Buffer.alloc(0)

  return {
    push(chunk) {
      if (found) return
      // A mark may lie across two chunks.
      const window = Buffer.concat([tail, chunk])
      found = marks.some((mark) => window.includes(mark))
      tail = window.subarray(Math.max(0, window.length - overlap))
    },
    seen: () => found,
  }
}
