import type { Readable } from 'node:stream'
import { DomainError } from '../shared/errors.ts'

/** A bound on the exports that run at once; each holds a session of PostgreSQL and a snapshot. */
export interface Slots {
  /**
   * Opens a stream in a slot, which it keeps until it is closed.
   * @throws DomainError 503 when none is free
   */
  take(open: () => Readable): Readable
}

export function createSlots(most: number): Slots {
  let taken = 0
  return {
    take(open) {
      if (taken >= most) {
        throw new DomainError(
          'unavailable',
          'exports_busy',
          'Too many exports are running; try again shortly',
        )
      }
      const stream = open()
      taken += 1
      stream.once('close', () => {
        taken -= 1
      })
      return stream
    },
  }
}
