import type { Tx } from './executor.ts'

/**
 * What a transaction changed that somebody may be looking at: ids only, no content. Whoever hears of it reads what is
 * true by then.
 */
export interface Changes {
  /** New events of tickets' logs, by their `seq`. */
  events: readonly { ticketId: number; seq: number }[]
  /** With how many each stands for; absent for one. */
  alerts: readonly { id: number; userId: number; occurrences?: number }[]
  /** People whose sessions or rights may have ended. */
  users: readonly number[]
  /** Exports whose state or progress moved. */
  exports: readonly { id: string; userId: number }[]
}

/** Tells of changes after their commit; never throws, since it is a hint and the database the truth. */
export type Publish = (changes: Changes) => void

const noted = new WeakMap<Tx, Changes>()

/** Adds to what {@link takeChanges} answers for the transaction. */
export function noteChanges(tx: Tx, changes: Partial<Changes>): void {
  const before = noted.get(tx)
  noted.set(tx, {
    events: [...(before?.events ?? []), ...(changes.events ?? [])],
    alerts: [...(before?.alerts ?? []), ...(changes.alerts ?? [])],
    users: [...(before?.users ?? []), ...(changes.users ?? [])],
    exports: [...(before?.exports ?? []), ...(changes.exports ?? [])],
  })
}

/** What was noted in `tx`, to be published once it has committed; undefined for nothing. */
export function takeChanges(tx: Tx): Changes | undefined {
  return noted.get(tx)
}
