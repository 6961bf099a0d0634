/** A file whose bytes are safely in the store and which no row names yet. */
export interface StoredFile {
  id: string
  filename: string
  extension: string
  mimeType: string
  category: string
  bytes: number
  sha256: string
  /** The name of the store that has it, and its key there. */
  store: string
  storageKey: string
  isPicture: boolean
  width: number | null
  height: number | null
}
