import { fileTypeFromBuffer } from 'file-type'
import { readBmpHeader } from './bmp-header.ts'
import type { FileType } from './types.ts'

/** Whether the first bytes of a file that is no text are those of its type. */
export async function fitsBinaryContent({ content, extension }: FileType, head: Buffer): Promise<boolean> {
  // A zip may hold anything: whatever format is made of one is a zip all the same.
  if (extension === 'zip') return ZIP_STARTS.includes(head.toString('latin1', 0, 4))
  const found = (await fileTypeFromBuffer(head))?.ext
  if (found === undefined) return extension === 'pdf' && isPdfBehindJunk(head)
  return content.includes(found) && (found !== 'bmp' || readBmpHeader(head) !== undefined)
}

/** An entry, the end of an archive without entries, and the mark of one in parts. */
const ZIP_STARTS = ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08']

/** Readers look for the header of a PDF this far into the file, and printers and mail gateways write before it. */
const PDF_HEADER_WITHIN = 1024
// Scripts and markup, behind a byte order mark and white space or not.
const SCRIPT_OR_MARKUP = /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*(?:#!|<)/

/** Whether content of no known format is a PDF with something before its header. */
function isPdfBehindJunk(head: Buffer): boolean {
  const start = head.toString('latin1', 0, PDF_HEADER_WITHIN)
  return start.includes('%PDF-') && !SCRIPT_OR_MARKUP.test(start) && !/^(?:MZ|\x7fELF)/.test(start)
}
