export {
  ClamdUnavailable,
  FileMissing,
  FileRefused,
  type RefusalCode,
  StoreFailed,
  StoreUnknown,
  StreamTooLong,
  ThumbnailImpossible,
} from './errors.ts'
export { contentDisposition, extensionOf, safeFilename } from './file-name.ts'
export {
  assertKey,
  originalKey,
  THUMBNAIL_FORMATS,
  THUMBNAIL_SIZES,
  type ThumbnailFormat,
  type ThumbnailSize,
} from './keys.ts'
export {
  type FileLink,
  type FileVariant,
  type LinkVerdict,
  linkExpiry,
  signFileLink,
  verifyFileLink,
} from './links.ts'
export { type AcceptedFile, HEAD_BYTES, type ProbeInput, type ProbeResult, probe } from './probe.ts'
export {
  type ExaminedFile,
  examineFile,
  type IncomingFile,
  receiveFile,
} from './receive.ts'
export { createScanner, type Scanner, type ScanResult, type ScanTimeouts } from './scan.ts'
export { readScanner, type ScannerSettings } from './scan-settings.ts'
export { type CloudinaryConfig, createCloudinaryStore } from './stores/cloudinary.ts'
export { createLocalStore, type LocalStore } from './stores/local.ts'
export { createS3Store, type S3Config } from './stores/s3.ts'
export { readStorage, type StorageSettings, type StoreSettings } from './stores/settings.ts'
export type { ByteRange, FileStore, LinkOptions, StoredObject } from './stores/store.ts'
export { createStores, type Stores } from './stores/stores.ts'
export { decodeTextHead } from './text.ts'
export { createThumbnailer, type Thumbnail, type Thumbnailer, type ThumbnailerOptions } from './thumbnail.ts'
export {
  CATEGORY_LIMITS,
  FILE_TYPES,
  type FileCategory,
  type FileType,
  isDeclaredTypeAllowed,
  typeForName,
} from './types.ts'
