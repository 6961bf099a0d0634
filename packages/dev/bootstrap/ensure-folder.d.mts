export declare function ensureFolder(folder: string, mode?: number): void
