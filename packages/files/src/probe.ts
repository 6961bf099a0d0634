import { fitsBinaryContent } from './content.ts'
import type { RefusalCode } from './errors.ts'
import { safeFilename } from './file-name.ts'
import { decodeTextHead, hasSvgRoot } from './text.ts'
import {
  CATEGORY_LIMITS,
  type FileCategory,
  type FileType,
  isDeclaredTypeAllowed,
  typeForName,
} from './types.ts'

/** How much of a file's start `probe` wants to see: enough for every signature and for the prologue of markup. */
export const HEAD_BYTES = 8192

export interface ProbeInput {
  filename: string
  /** The Content-Type that the client sent, if any. */
  declaredType: string | undefined
  /** The first `HEAD_BYTES` of the content, or all of it when it is shorter. */
  head: Buffer
  /** Size in bytes, or how much is known to be there. */
  size: number
}

/** What a file turned out to be. */
export interface AcceptedFile {
  mimeType: string
  category: FileCategory
  /** Lower case, without a dot. */
  extension: string
  isPicture: boolean
}

export interface RefusedFile {
  code: RefusalCode
  message: string
}

export type ProbeResult = ({ ok: true } & AcceptedFile) | ({ ok: false } & RefusedFile)

/**
 * Decides whether a file may be stored. The content decides what it is; the extension must be in the table and
 * fit the content, and the declared type must be one that clients send for that extension.
 */
export async function probe({ filename, declaredType, head, size }: ProbeInput): Promise<ProbeResult> {
  const type = typeForName(safeFilename(filename))
  if (!type) return { ok: false, ...UNKNOWN_EXTENSION }
  const refusal =
    refusalByDeclaredType(type, declaredType) ??
    refusalBySize(type, size) ??
    (await refusalByContent(type, head))
  return refusal ? { ok: false, ...refusal } : { ok: true, ...acceptedAs(type) }
}

/** A file of this type in the words of a result. */
export function acceptedAs({ mimeType, category, extension }: FileType): AcceptedFile {
  return { mimeType, category, extension, isPicture: category === 'images' }
}

/** The refusal of a name whose extension is not in the table. */
export const UNKNOWN_EXTENSION: RefusedFile = {
  code: 'unsupported_type',
  message: 'Files with this extension are not accepted.',
}

/** Refuses a declared media type that no client sends for such files. */
export function refusalByDeclaredType(type: FileType, declared: string | undefined): RefusedFile | undefined {
  if (isDeclaredTypeAllowed(type, declared)) return undefined
  return { code: 'type_mismatch', message: `The declared media type does not fit a .${type.extension} file.` }
}

/** Refuses an empty file, and one of more bytes than its category or the caller allows. */
export function refusalBySize(
  type: FileType,
  size: number,
  maxBytes = Number.POSITIVE_INFINITY,
): RefusedFile | undefined {
  if (size === 0) return { code: 'empty', message: 'The file is empty.' }
  const limit = CATEGORY_LIMITS[type.category]
  if (size > limit) {
    return {
      code: 'too_large',
      message: `Files in ${type.category} may have at most ${limit / 1024 / 1024} MB.`,
    }
  }
  if (size > maxBytes) return { code: 'too_large', message: `The file has more than ${maxBytes} bytes.` }
  return undefined
}

/** Refuses content that is not what the extension says, as far as its first bytes tell. */
export async function refusalByContent(type: FileType, head: Buffer): Promise<RefusedFile | undefined> {
  if (type.content !== 'text') {
    return (await fitsBinaryContent(type, head)) ? undefined : contentMismatch(type)
  }
  // Text is decided without file-type: two letters are enough for it to see a picture ("BM") or a program
  // ("MZ") in prose.
  const text = decodeTextHead(head)
  if (text === undefined || TEXT_DOCUMENT.test(text)) return contentMismatch(type)
  if (hasSvgRoot(text))
    return { code: 'unsupported_type', message: 'SVG is not accepted: it can run scripts.' }
  return undefined
}

/** The refusal of content that is not what the extension says. */
export function contentMismatch({ extension }: FileType): RefusedFile {
  return { code: 'type_mismatch', message: `The content is not that of a .${extension} file.` }
}

// PDF and RTF can consist of text alone, but are not what the reader of a text file expects.
const TEXT_DOCUMENT = /^\ufeff?\s*(?:%PDF-|\{\\rtf)/
