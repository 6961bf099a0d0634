export declare function processIdentity(pid: number): string | undefined
