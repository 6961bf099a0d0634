import { type DestinationStream, destination } from 'pino'

/** Lines are written when there are so many bytes of them, or after so many milliseconds. */
const [BYTES, MS] = [4_096, 100]

/**
 * Standard output for a log, many lines a write: one write a line takes a busy process a twentieth of its time. Whatever ends a
 * process in an orderly way writes the rest; `kill -9` loses the lines of the last moment.
 */
export function logDestination(): DestinationStream {
  return destination({ dest: 1, sync: false, minLength: BYTES, periodicFlush: MS })
}
