import { emit } from '@servicedesk/jobs/emit'
import { type ServiceDeps, transact } from '../shared/transact.ts'

/** Sweeps beside those that come by time. */
export function createSweepService(deps: ServiceDeps) {
  return {
    /** Owes one whole sweep, which a worker runs. */
    async request(): Promise<void> {
      await transact(deps, (tx) => emit(tx, 'sla.sweep', {}))
    },
  }
}
