export declare function isInstalled(root: string): boolean
export declare function install(root: string): Promise<void>
