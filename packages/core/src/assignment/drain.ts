import type { Tx } from '@servicedesk/db'
import { emit, takeEmitted } from '@servicedesk/jobs/emit'

/** Owes a drain of the waiting tickets, because capacity returned: once, however many reasons a change has. */
export async function oweDrain(tx: Tx): Promise<void> {
  if (takeEmitted(tx).some((row) => row.name === 'assignment.drain')) return
  await emit(tx, 'assignment.drain', {})
}
