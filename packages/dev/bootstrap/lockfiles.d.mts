interface LockFile {
  packages?: Record<string, { version?: string; integrity?: string; link?: boolean; optional?: boolean }>
}
export declare function lockfilesAgree(wanted: LockFile, installed: LockFile): boolean
