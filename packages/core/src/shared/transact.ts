import { type Database, type Publish, type Tx, takeChanges } from '@servicedesk/db'
import { type Dispatch, takeEmitted } from '@servicedesk/jobs/emit'
import type { Clock } from './ports.ts'

/** What every service needs: the truth, the time, and somebody to hand owed jobs to. */
export interface ServiceDeps {
  db: Database
  clock: Clock
  dispatch: Dispatch
  /** Is told what changed, for those who are looking on; nobody is where it is absent. */
  publish?: Publish | undefined
}

/**
 * Runs a use case in one transaction and, after its commit, dispatches the jobs it emitted and publishes what it
 * changed. Inside a transaction that is already open (`outer`) it is a part of that one, whose owner does both.
 */
export async function transact<R>(
  deps: Pick<ServiceDeps, 'db' | 'dispatch' | 'publish'>,
  useCase: (tx: Tx) => Promise<R>,
  outer?: Tx,
): Promise<R> {
  if (outer !== undefined) return useCase(outer)
  const { result, owed, changes } = await deps.db.transaction(async (tx) => {
    const result = await useCase(tx)
    return { result, owed: takeEmitted(tx), changes: takeChanges(tx) }
  })
  deps.dispatch(owed)
  if (changes !== undefined) deps.publish?.(changes)
  return result
}
