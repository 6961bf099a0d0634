import { extensionOf } from './file-name.ts'

export type FileCategory = 'documents' | 'images' | 'archives' | 'logs' | 'code'

const MB = 1024 * 1024

/** The most bytes a file of each category may have. */
export const CATEGORY_LIMITS: Readonly<Record<FileCategory, number>> = {
  documents: 25 * MB,
  images: 10 * MB,
  archives: 25 * MB,
  logs: 25 * MB,
  code: 5 * MB,
}

/** One row of the table of what may be uploaded. */
export interface FileType {
  readonly extension: string
  readonly category: FileCategory
  /** What the file is stored and served as, whatever the client called it. */
  readonly mimeType: string
  /** What clients call it, besides `mimeType` and the media types that say nothing. */
  readonly aliases: readonly string[]
  /**
   * `text`, or the names by which the file-type package knows content that fits the extension; of `.zip`, whatever
   * begins as a zip fits.
   */
  readonly content: 'text' | readonly string[]
}

const row = (
  category: FileCategory,
  extension: string,
  mimeType: string,
  aliases: readonly string[],
  content: FileType['content'] = 'text',
): FileType => ({ category, extension, mimeType, aliases, content })

const OFFICE = 'application/vnd.openxmlformats-officedocument'
// Browsers on Windows take media types from the registry, where archivers and Excel leave their own.
const COMPRESSED = ['application/x-compressed', 'application/x-compress']
const ZIP_TYPES = ['application/zip', 'application/x-zip', 'application/x-zip-compressed']
// What Linux desktops and WPS Office call documents.
const MS_OFFICE = 'application/vnd.ms-office'
const wps = (extension: string) => `application/wps-office.${extension}`
// An Office document with a password is a compound file around an encrypted zip.
const OFFICE_CONTENT = ['zip', 'cfb']

const TABLE: readonly FileType[] = [
  row('documents', 'txt', 'text/plain', ['text/x-log', 'text/markdown']),
  row(
    'documents',
    'pdf',
    'application/pdf',
    ['application/x-pdf', 'application/acrobat', 'image/pdf', wps('pdf')],
    ['pdf'],
  ),
  row(
    'documents',
    'doc',
    'application/msword',
    ['application/vnd.ms-word', 'application/doc', 'application/x-msword', MS_OFFICE, wps('doc')],
    ['cfb'],
  ),
  row(
    'documents',
    'docx',
    `${OFFICE}.wordprocessingml.document`,
    [
      'application/msword',
      'application/vnd.ms-word',
      'application/haansoftdocx',
      MS_OFFICE,
      wps('docx'),
      ...ZIP_TYPES,
    ],
    ['docx', ...OFFICE_CONTENT],
  ),
  row(
    'documents',
    'xls',
    'application/vnd.ms-excel',
    [
      'application/msexcel',
      'application/x-msexcel',
      'application/x-excel',
      'application/excel',
      MS_OFFICE,
      wps('xls'),
    ],
    ['cfb'],
  ),
  row(
    'documents',
    'xlsx',
    `${OFFICE}.spreadsheetml.sheet`,
    ['application/vnd.ms-excel', 'application/haansoftxlsx', MS_OFFICE, wps('xlsx'), ...ZIP_TYPES],
    ['xlsx', ...OFFICE_CONTENT],
  ),
  row(
    'documents',
    'ppt',
    'application/vnd.ms-powerpoint',
    [
      'application/mspowerpoint',
      'application/x-mspowerpoint',
      'application/powerpoint',
      MS_OFFICE,
      wps('ppt'),
    ],
    ['cfb'],
  ),
  row(
    'documents',
    'pptx',
    `${OFFICE}.presentationml.presentation`,
    ['application/vnd.ms-powerpoint', 'application/haansoftpptx', MS_OFFICE, wps('pptx'), ...ZIP_TYPES],
    ['pptx', ...OFFICE_CONTENT],
  ),
  row(
    'documents',
    'rtf',
    'application/rtf',
    ['text/rtf', 'text/richtext', 'application/x-rtf', 'application/msword'],
    ['rtf'],
  ),
  row('images', 'png', 'image/png', ['image/x-png', 'image/apng'], ['png', 'apng']),
  row('images', 'jpg', 'image/jpeg', ['image/jpg', 'image/pjpeg'], ['jpg']),
  row('images', 'jpeg', 'image/jpeg', ['image/jpg', 'image/pjpeg'], ['jpg']),
  row('images', 'gif', 'image/gif', [], ['gif']),
  row(
    'images',
    'bmp',
    'image/bmp',
    ['image/x-bmp', 'image/x-ms-bmp', 'image/x-windows-bmp', 'image/ms-bmp'],
    ['bmp'],
  ),
  row('images', 'webp', 'image/webp', ['image/x-webp'], ['webp']),
  row('archives', 'zip', 'application/zip', [...ZIP_TYPES, 'multipart/x-zip', ...COMPRESSED], ['zip']),
  row(
    'archives',
    'rar',
    'application/vnd.rar',
    ['application/x-rar', 'application/x-rar-compressed', 'application/rar', ...COMPRESSED],
    ['rar'],
  ),
  row(
    'archives',
    '7z',
    'application/x-7z-compressed',
    ['application/x-7zip', 'application/7z', ...COMPRESSED],
    ['7z'],
  ),
  row('archives', 'tar', 'application/x-tar', ['application/tar', 'application/x-gtar'], ['tar']),
  row(
    'archives',
    'gz',
    'application/gzip',
    [
      'application/x-gzip',
      'application/x-gunzip',
      'application/x-tgz',
      'application/x-gtar',
      'application/x-tar',
      'application/x-compressed-tar',
      ...COMPRESSED,
    ],
    ['gz', 'tar.gz'],
  ),
  row('logs', 'log', 'text/plain', ['text/x-log', 'application/x-log', 'application/log']),
  row('logs', 'csv', 'text/csv', [
    'application/csv',
    'application/x-csv',
    'text/x-csv',
    'text/comma-separated-values',
    'text/x-comma-separated-values',
    'text/tab-separated-values',
    'application/vnd.ms-excel',
  ]),
  row('code', 'py', 'text/x-python', [
    'text/x-python3',
    'text/x-script.python',
    'text/x-python-script',
    'application/x-python',
    'application/x-python-code',
    'text/python',
  ]),
  row('code', 'js', 'text/javascript', [
    'application/javascript',
    'application/x-javascript',
    'text/x-javascript',
    'application/ecmascript',
    'text/ecmascript',
  ]),
  row('code', 'html', 'text/html', ['application/xhtml+xml']),
  row('code', 'css', 'text/css', []),
  row('code', 'json', 'application/json', ['text/json', 'application/x-json']),
  row('code', 'xml', 'application/xml', ['text/xml']),
  row('code', 'sql', 'application/sql', ['text/x-sql', 'application/x-sql', 'text/sql']),
]

const BY_EXTENSION: ReadonlyMap<string, FileType> = new Map(TABLE.map((type) => [type.extension, type]))

/**
 * Media types that say nothing about the content and fit every extension. `text/plain` is one of them: it is
 * the default of a multipart part without a Content-Type (RFC 7578, 4.4), and so what parsers report for the
 * many clients that send none.
 */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  '',
  'application/octet-stream',
  'binary/octet-stream',
  'application/binary',
  'application/unknown',
  'application/x-download',
  'application/force-download',
  'text/plain',
])

/** Every row of the table, for documentation and messages. */
export const FILE_TYPES: readonly FileType[] = TABLE

/** The row for a file name by its last extension, in any case; undefined when the table has none. */
export function typeForName(filename: string): FileType | undefined {
  return BY_EXTENSION.get(extensionOf(filename))
}

/** Whether clients send `declared` (with or without parameters, in any case) for files of this type. */
export function isDeclaredTypeAllowed(type: FileType, declared: string | undefined): boolean {
  const mediaType = (declared ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return SAYS_NOTHING.has(mediaType) || mediaType === type.mimeType || type.aliases.includes(mediaType)
}
