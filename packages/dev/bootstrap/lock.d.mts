export declare function tryLock(
  file: string,
): { owner: undefined; release: () => void } | { owner: number; release?: never }
export declare function withLock<T>(file: string, work: () => Promise<T>): Promise<T>
