export declare function hydrateSymlinks(root: string): void
