import type { Database, Tx } from '@servicedesk/db'
import { type Dispatch, takeEmitted } from '@servicedesk/jobs/emit'
import type { Clock } from './ports.ts'

/** What every service needs: the truth, the time, and somebody to hand owed jobs to. */
export interface ServiceDeps {
  db: Database
  clock: Clock
  dispatch: Dispatch
}

/**
 * Runs a use case in one transaction and, after its commit, dispatches the jobs it emitted. Inside a transaction
 * that is already open (`outer`) it is a part of that one, whose owner dispatches.
 */
export async function transact<R>(
  deps: Pick<ServiceDeps, 'db' | 'dispatch'>,
  useCase: (tx: Tx) => Promise<R>,
  outer?: Tx,
): Promise<R> {
  if (outer !== undefined) return useCase(outer)
  const { result, owed } = await deps.db.transaction(async (tx) => {
    const result = await useCase(tx)
    return { result, owed: takeEmitted(tx) }
  })
  deps.dispatch(owed)
  return result
}
