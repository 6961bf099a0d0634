import { statfsSync } from 'node:fs'

/** Linux keeps POSIX shared memory here: an ordinary folder whose files are in memory. */
export const MEMORY = '/dev/shm'
/** `TMPFS_MAGIC` of statfs(2): the same place may be an ordinary disk. */
const TMPFS = 0x01021994
/** A run's databases and write-ahead log; and half as much again must be left for everybody else. */
const NEEDED_BYTES = 3 * 1024 ** 3

/**
 * A folder in memory with room for test servers, if the machine has one.
 *
 * Not for the disk's slowness: each test has a database of its own, five hundred files that come and go, and ext4 searches
 * at length for an inode that was not deleted just now (`recently_deleted` in its ialloc.c). That was 0.6 s of system
 * time for each database, more than most tests take.
 */
export function memoryFolder(): string | undefined {
  try {
    const { type, bavail, bsize } = statfsSync(MEMORY)
    const room = Math.min(bavail * bsize, process.availableMemory() / 1.5)
    return type === TMPFS && room >= NEEDED_BYTES ? MEMORY : undefined
  } catch {
    return undefined
  }
}
